#!/usr/bin/env node
// Takes pictures of every view of the page, light and dark, wide and narrow, of clusters with nothing in them, with much that is not well, and with ten thousand pods,
// and says what axe finds and what is wider than the window: node test/ui/screenshots.ts [empty|lively|many]... [--only VIEW] [--scheme light|dark] [--width 400]
// They are in ui/screenshots, which git ignores.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { OpenedPage } from './opened-page.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string' }, scheme: { type: 'string' }, width: { type: 'string' } },
});

interface Shot {
  readonly name: string;
  readonly hash: string;
  /** What is there once it can be looked at. */
  readonly shown: RegExp;
  readonly act?: (page: OpenedPage['page']) => Promise<unknown>;
}

const WEB = 'object/apps/v1/deployments/shop/web';

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec?: object;
}

async function apply(at: OpenedPage, object: Manifest): Promise<void> {
  const { kind, apiVersion, metadata } = object;
  const plural: Record<string, string> = {
    NetworkPolicy: 'networkpolicies',
    Ingress: 'ingresses',
    PriorityClass: 'priorityclasses',
    StorageClass: 'storageclasses',
  };
  const cluster = new Set(['Namespace', 'StorageClass', 'PriorityClass', 'CustomResourceDefinition', 'ClusterRole', 'ClusterRoleBinding', 'Cluster']);
  const base = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`;
  const within = cluster.has(kind) ? '' : `/namespaces/${metadata.namespace ?? 'default'}`;
  await at.api('POST', `${base}${within}/${plural[kind] ?? `${kind.toLowerCase()}s`}`, object);
}

const pods = (cpu: string, image: string, args: object = {}) => ({ containers: [{ name: 'c', image, resources: { requests: { cpu } }, ...args }] });
const deployment = (name: string, replicas: number, spec: object, namespace = 'shop') => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace },
  spec: { replicas, selector: { matchLabels: { app: name } }, template: { metadata: { labels: { app: name } }, spec } },
});

async function lively(at: OpenedPage): Promise<void> {
  for (const file of ['guestbook', 'batch', 'platform'])
    for (const document of parseAllDocuments(readFileSync(new URL(`../../examples/${file}.yaml`, import.meta.url), 'utf8'))) {
      const object = document.toJS();
      if (object) await apply(at, object).catch((error: Error) => console.error(error.message.slice(0, 300)));
    }
  await apply(at, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
  await apply(at, deployment('web', 6, pods('100m', 'nginx:1.29')));
  await apply(at, deployment('missing-image', 3, pods('10m', 'registry.example.invalid/team/a-service-with-a-long-name:doesnotexist')));
  await apply(at, deployment('a-deployment-with-a-name-that-is-rather-long-and-goes-on-and-on', 4, pods('64', 'nginx')));
  await apply(at, deployment('crashes', 2, pods('10m', 'busybox', { command: ['sh', '-c', 'exit 3'] })));
  await apply(at, {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'no-such-class', namespace: 'shop' },
    spec: { storageClassName: 'nowhere', accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  });
  await at.api('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'widgets', singular: 'widget', kind: 'Widget' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object', properties: { size: { type: 'integer' } } } } } },
          additionalPrinterColumns: [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }],
        },
      ],
    },
  });
  await at.api('POST', '/apis/example.com/v1/namespaces/shop/widgets', {
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    metadata: { name: 'a' },
    spec: { size: 7 },
  });
  const clusters = '/clusters/root/apis/logplane.dev/v1/clusters';
  const cluster = (name: string, spec: object) => at.api('POST', clusters, { apiVersion: 'logplane.dev/v1', kind: 'Cluster', metadata: { name }, spec });
  await cluster('lab', { nodes: 2 });
  await at.api('GET', '/clusters/lab/api/v1/nodes');
  for (const name of ['anna', 'bela', 'a-student-with-a-very-long-name-indeed']) await cluster(name, { forkOf: { name: 'lab' }, ttl: '8h' });
  await cluster('anna-tries', { forkOf: { name: 'anna' } });
  await cluster('anna-tries-again', { forkOf: { name: 'anna-tries' } });
  await cluster('rests', { suspended: true });
  const subscription = (name: string, spec: object) =>
    at.api('POST', '/apis/logplane.dev/v1/namespaces/shop/subscriptions', {
      apiVersion: 'logplane.dev/v1',
      kind: 'Subscription',
      metadata: { name, namespace: 'shop' },
      spec,
    });
  await subscription('nobody-listens', { target: { webhook: { url: 'http://127.0.0.1:9/a/path/that/is/long/enough/to/be/cut' } } });
  await subscription('rests', { suspended: true, target: { webhook: { url: 'http://127.0.0.1:9/none' } } });
  const { items } = await at.api<{ items: { metadata: { name: string } }[] }>('GET', '/api/v1/nodes');
  const merge = 'application/merge-patch+json';
  await at.api('PATCH', `/api/v1/nodes/${items[1]!.metadata.name}`, { spec: { unschedulable: true } }, merge);
  await at.api('PATCH', `/api/v1/nodes/${items[2]!.metadata.name}`, { metadata: { annotations: { 'logplane.dev/lost': 'true' } } }, merge);
  await at.api(
    'PATCH',
    '/apis/apps/v1/namespaces/shop/deployments/web',
    { spec: { replicas: 9, template: { spec: { containers: [{ name: 'c', image: 'nginx:1.30' }] } } } },
    'application/strategic-merge-patch+json',
  );
}

async function many(at: OpenedPage): Promise<void> {
  const big = deployment('crowd', 9_960, pods('1m', 'nginx'), 'default');
  await apply(at, big);
  await apply(at, deployment('too-big', 40, pods('64', 'nginx'), 'default'));
  for (let ready = 0; ready < 9_900; ) {
    const { status } = await at.api<{ status: { readyReplicas?: number } }>('GET', '/apis/apps/v1/namespaces/default/deployments/crowd');
    ready = status.readyReplicas ?? 0;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}

const click = (name: string | RegExp) => (page: OpenedPage['page']) => page.locator('main').getByRole('button', { name }).first().click();
const search = (words: string) => (page: OpenedPage['page']) => page.getByRole('searchbox').fill(words);
const EVERYWHERE: readonly Shot[] = [
  { name: 'now', hash: 'now', shown: /Nodes/ },
  { name: 'past', hash: 'now', shown: /Nodes/, act: (page) => page.keyboard.press('[') },
  { name: 'compare', hash: 'compare?with=30', shown: /From/ },
  { name: 'objects', hash: 'object', shown: /Deployment/ },
  { name: 'listing', hash: 'object/core/v1/pods', shown: /Pod/ },
  { name: 'what-if', hash: 'what-if', shown: /What comes of it/ },
  { name: 'clusters', hash: 'clusters', shown: /cost/ },
  { name: 'subscriptions', hash: 'subscriptions', shown: /Subscriptions/ },
];
const LIVELY: readonly Shot[] = [
  {
    name: 'why',
    hash: 'now',
    shown: /Why/,
    act: async (page) => {
      await page.locator('.troubles li', { hasText: 'rather-long' }).getByRole('button').click();
      await page.locator('.why table').waitFor();
    },
  },
  { name: 'down', hash: 'now', shown: /Nodes/, act: (page) => page.evaluate('document.querySelector("main").scrollTo(0, 99999)') },
  { name: 'yaml', hash: WEB, shown: /replicas/ },
  { name: 'changes', hash: `${WEB}?tab=changes`, shown: /changed/, act: (page) => page.locator('.scroller .change').nth(2).click() },
  {
    name: 'lines',
    hash: `${WEB}?tab=changes`,
    shown: /changed/,
    act: async (page) => {
      await search('spec.replicas')(page);
      await page.locator('.scroller .change').first().click();
      await page.getByRole('button', { name: /As YAML/ }).click();
      await page.locator('.shown-change pre').waitFor();
      await page.locator('.shown-change pre').scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'undo',
    hash: `${WEB}?tab=changes`,
    shown: /changed/,
    act: async (page) => {
      await search('spec.replicas')(page);
      await page.locator('.scroller .change').first().click();
      await click(/Undo …/)(page);
      await page.locator('.ask .restored').waitFor();
    },
  },
  { name: 'blame', hash: `${WEB}?tab=blame`, shown: /replicas/ },
  { name: 'edit', hash: `${WEB}?tab=edit`, shown: /Try it/, act: (page) => page.locator('.cm-content').waitFor() },
  { name: 'delete', hash: WEB, shown: /replicas/, act: click(/^Delete/) },
  {
    name: 'logs',
    hash: 'object/core/v1/pods',
    shown: /Pod/,
    act: async (page) => {
      await search('shop web')(page);
      await page.locator('.listing .row a').first().click();
      await page.getByRole('tab', { name: 'Logs' }).click();
      await page.getByText('There are no logs yet').waitFor();
    },
  },
  {
    name: 'terminal',
    hash: 'object/core/v1/pods',
    shown: /Pod/,
    act: async (page) => {
      await search('shop web')(page);
      await page.locator('.listing .row a').first().click();
      await page.getByRole('tab', { name: 'Terminal' }).click();
    },
  },
  { name: 'gone', hash: 'object/apps/v1/deployments/shop/none', shown: /not found/ },
  { name: 'gone-kind', hash: 'object/none.example/v1/nothings', shown: /serves no/ },
  { name: 'custom', hash: 'object/example.com/v1/widgets', shown: /Widget/ },
  {
    name: 'planned',
    hash: 'what-if',
    shown: /What comes of it/,
    act: async (page) => {
      await page.locator('.cm-content').click();
      await page.keyboard.insertText(
        'apiVersion: v1\nkind: Pod\nmetadata: {name: huge}\nspec: {containers: [{name: c, image: nginx, resources: {requests: {cpu: "64"}}}]}\n',
      );
      await click('Add a zone or a node')(page);
      await click('Plan')(page);
      await page.locator('.plan').waitFor();
    },
  },
  { name: 'fork', hash: 'clusters/anna', shown: /cost/, act: click(/^Fork/) },
  { name: 'reset', hash: 'clusters/anna', shown: /cost/, act: click(/^Reset/) },
  { name: 'remove', hash: 'clusters/anna', shown: /cost/, act: click(/^Delete/) },
  { name: 'no-cluster', hash: 'clusters/none', shown: /There is no cluster/ },
  { name: 'help', hash: 'now', shown: /Nodes/, act: (page) => page.keyboard.press('?') },
  { name: 'search', hash: 'now', shown: /Nodes/, act: (page) => page.getByRole('searchbox').fill('zzz') },
];

const CLUSTERS = { empty: { nodes: 0, fill: async () => undefined }, lively: { nodes: 3, fill: lively }, many: { nodes: 100, fill: many } };

for (const [of, { nodes, fill }] of Object.entries(CLUSTERS)) {
  if (positionals.length > 0 && !positionals.includes(of)) continue;
  const at = await OpenedPage.open({ nodes, isPlain: of === 'many' });
  await fill(at);
  if (of === 'lively') await new Promise((resolve) => setTimeout(resolve, 55_000));
  for (const colorScheme of ['light', 'dark'] as const)
    for (const width of [1440, 400]) {
      if ((values.scheme && values.scheme !== colorScheme) || (values.width && values.width !== String(width))) continue;
      const page = await at.another({ viewport: { width, height: width === 400 ? 800 : 900 }, colorScheme });
      const door = await at.stranger({ viewport: { width, height: 800 }, colorScheme });
      if (of === 'lively' && !values.only) await at.screenshot(`door-lively-${colorScheme}-${width}`, door);
      await door.context().close();
      for (const { name, hash, shown, act } of [...EVERYWHERE, ...(of === 'lively' ? LIVELY : [])]) {
        if (values.only && !values.only.split(',').includes(name)) continue;
        try {
          await at.goTo(`#/default/${hash}`, page);
          await page.reload();
          await at.until('main', shown, page);
          await page.waitForTimeout(500);
          await act?.(page);
          await page.waitForTimeout(400);
          const wide = await page.evaluate('document.documentElement.scrollWidth');
          const main = (await page.evaluate('[document.querySelector("main").scrollWidth, document.querySelector("main").clientWidth]')) as number[];
          const wrong = [
            ...(wide !== width ? [`is ${wide} wide`] : []),
            ...(main[0]! > main[1]! ? [`main is ${main} wide`] : []),
            ...(await at.violations(page)),
          ];
          await at.screenshot(`${name}-${of}-${colorScheme}-${width}`, page);
          if (wrong.length > 0) console.log(`${name} ${of} ${colorScheme} ${width}: ${wrong.join('; ')}`);
        } catch (error) {
          await at.screenshot(`${name}-${of}-${colorScheme}-${width}`, page);
          console.log(`${name} ${of} ${colorScheme} ${width}: ${(error as Error).message.slice(0, 300)}`);
        }
      }
      await page.context().close();
    }
  if (at.complaints.length > 0) console.log(of, at.complaints);
  await at.close();
}
