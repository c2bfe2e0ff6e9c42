import { expect, it } from 'vitest';
import { memoryLog } from '../log/memory/memory-log.ts';
import { CLUSTERS_PATH, Clusters } from '../testing/clusters.ts';

const configMaps = (cluster: string) => `/clusters/${cluster}/api/v1/namespaces/default/configmaps`;
const MERGE = 'application/merge-patch+json';

async function patch(clusters: Clusters, cluster: string, data: object): Promise<number> {
  const { code, json } = await clusters.request(`PATCH ${configMaps(cluster)}/a`, { type: MERGE, body: { data } });
  expect(code).toBe(200);
  return Number(json.metadata.resourceVersion);
}

async function created(clusters: Clusters): Promise<number> {
  await clusters.create('s1');
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { color: 'red', size: '1' } };
  return Number((await clusters.request(`POST ${configMaps('s1')}`, { body })).json.metadata.resourceVersion);
}

/** The changes of the object, oldest first. */
async function history(clusters: Clusters, cluster: string): Promise<string[]> {
  const { json } = await clusters.request(`GET ${configMaps(cluster)}/a/history`);
  return json.items.map(({ metadata, type, what }: { metadata: { name: string }; type: string; what: string }) => `${metadata.name} ${type} ${what}`).reverse();
}

/** Each value, and which change made it that. */
async function blame(clusters: Clusters, cluster: string): Promise<string[]> {
  const { json } = await clusters.request(`GET ${configMaps(cluster)}/a/blame`);
  return json.fields.map(({ path, value, offset }: { path: string; value: string; offset: number }) => `${path} ${value} ${offset}`);
}

/** The changes of all configmaps from an offset on, oldest first. */
async function changes(clusters: Clusters, cluster: string): Promise<string[]> {
  const path = `/clusters/${cluster}/apis/logplane.dev/v1/namespaces/default/changes`;
  const { json } = await clusters.request(`GET ${path}?fieldSelector=resource=configmaps,name=a`);
  return json.items.map(({ metadata, what }: { metadata: { name: string }; what: string }) => `${metadata.name} ${what}`).reverse();
}

it('The past of a fork of a fork is that of all of them, and goes its own way', async () => {
  const clusters = new Clusters();
  const first = await created(clusters);
  const second = await patch(clusters, 's1', { color: 'blue' });
  await clusters.create('f1', { forkOf: { name: 's1' } });
  await patch(clusters, 's1', { color: 'black' });
  const third = await patch(clusters, 'f1', { size: '2' });
  await clusters.create('f2', { forkOf: { name: 'f1' } });
  await patch(clusters, 'f1', { size: '3' });
  const fourth = await patch(clusters, 'f2', { color: 'green' });
  for (const isCold of [false, true]) {
    if (isCold) clusters.restart();
    expect(await history(clusters, 'f2')).toEqual([
      `${first} ADDED `,
      `${second} MODIFIED data.color`,
      `${third} MODIFIED data.size`,
      `${fourth} MODIFIED data.color`,
    ]);
    expect(await blame(clusters, 'f2')).toEqual([`.data.color green ${fourth}`, `.data.size 2 ${third}`]);
    expect(await blame(clusters, `f2@${third}`)).toEqual([`.data.color blue ${second}`, `.data.size 2 ${third}`]);
    expect(await changes(clusters, 'f2')).toEqual([`${first} `, `${second} data.color`, `${third} data.size`, `${fourth} data.color`]);
  }
});

it('The history and the blame of an object across a reset are of what led to it, and its changes are all of them, in a fork as well', async () => {
  const clusters = new Clusters();
  const first = await created(clusters);
  const undone = await patch(clusters, 's1', { color: 'blue' });
  await clusters.patch('s1', { resetTo: first });
  await clusters.settle();
  expect([await history(clusters, 's1'), await blame(clusters, 's1')]).toEqual([[`${first} ADDED `], [`.data.color red ${first}`, `.data.size 1 ${first}`]]);
  const later = await patch(clusters, 's1', { size: '2' });
  await clusters.create('f1', { forkOf: { name: 's1' } });
  for (const cluster of ['s1', 'f1']) {
    clusters.restart();
    expect(await history(clusters, cluster)).toEqual([`${first} ADDED `, `${later} MODIFIED data.size`]);
    expect(await blame(clusters, cluster)).toEqual([`.data.color red ${first}`, `.data.size 2 ${later}`]);
    expect(await changes(clusters, cluster)).toEqual([`${first} `, `${undone} data.color`, `${later} data.size`]);
    // What was before the reset is told as it was.
    expect(await blame(clusters, `${cluster}@${undone}`)).toEqual([`.data.color blue ${undone}`, `.data.size 1 ${first}`]);
  }
});

it('The past of a cluster that has ended is not shown for that of another one of its name, also by a process that has not seen its end', async () => {
  const log = memoryLog();
  const [one, other] = [new Clusters({ log }), new Clusters({ log, seed: 2 })];
  const at = await created(one);
  // It needs the log, which is not removed then.
  await one.create('f1', { forkOf: { name: 's1' } });
  await other.request(`DELETE ${CLUSTERS_PATH}/s1`);
  await other.settle();
  await other.create('s1');
  expect((await one.request(`GET ${configMaps(`s1@${at}`)}/a`)).code).toBe(404);
});
