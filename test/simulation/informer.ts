import { fieldsOf } from '../../core/kube/fields.ts';
import type { KubeObject } from '../../core/kube/object.ts';
import type { History, Observation, Segment, Watched } from './history.ts';
import { type Http, NoAnswer } from './http.ts';
import type { Process, World } from './process.ts';
import { pathOf } from './resources.ts';

export interface InformerOptions extends Omit<Observation, 'segments'> {
  readonly world: World;
  readonly process: Process;
  readonly http: Http;
  readonly history: History;
  /** Whether it has seen enough. */
  readonly done: () => boolean;
}

/** Lists a collection and watches it from there on, again and again from where a watch ended, as client-go's reflector does; writes down all that it is told. */
export async function inform({ world, process, http, history, done, name, cluster, resource, namespace, label }: InformerOptions): Promise<void> {
  const { env } = process;
  const observation: Observation = { name, cluster, resource, namespace, label, segments: [] };
  history.informers.push(observation);
  const selector = label ? `labelSelector=${encodeURIComponent(`${label.name}=${label.value}`)}&` : '';
  const path = `${pathOf(resource, namespace)}?${selector}`;
  let segment: Segment | undefined;
  let failures = 0;
  while (!done()) {
    failures++;
    try {
      if (!segment) {
        const begun = world.chance.happens(0.5) ? await list(http, cluster, path) : undefined;
        segment = begun ?? { from: -1, initial: [], watches: [], last: -1 };
        if (begun) observation.segments.push(begun);
      }
      // Without a list, the watch begins with what is there ("Streaming lists").
      const streaming: boolean = segment.from === -1;
      const from = streaming ? 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan' : `resourceVersion=${segment.last}`;
      const seconds = env.random.next() < 0.5 ? 5 + Math.floor(env.random.next() * 20) : 300;
      const watch = http.watch({ cluster, path: `${path}watch=true&allowWatchBookmarks=true&timeoutSeconds=${seconds}&${from}` });
      const initial: KubeObject[] = [];
      let watched: Watched = { after: segment.last, frames: [], torn: false };
      segment.watches.push(watched);
      for await (const { type, object } of watch) {
        if (type !== 'ERROR') failures = 0;
        if (type === 'TORN') {
          watched.torn = true;
          break;
        }
        if (type === 'ERROR') {
          const code = Number(fieldsOf(object)['code']);
          if (code === 410) segment = undefined;
          else if (code < 500) throw new Error(`a watch of ${path} was answered with ${JSON.stringify(object)}`);
          break;
        }
        const offset = offsetOf(object);
        if (segment.from !== -1) {
          watched.frames.push({ type, object });
          segment.last = offset;
        } else if (type !== 'BOOKMARK') initial.push(object);
        else {
          watched = { after: offset, frames: [], torn: false };
          segment = { from: offset, initial, watches: [watched], last: offset };
          observation.segments.push(segment);
        }
        history.told(cluster, offsetOf(object));
      }
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
    }
    if (segment?.from === -1) segment = undefined;
    // As client-go's reflector backs off.
    await env.clock.sleep(env.random.next() * Math.min(30_000, 800 * 2 ** failures));
  }
}

async function list(http: Http, cluster: string, path: string): Promise<Segment | undefined> {
  const { code, body } = await http.send({ cluster, method: 'GET', path });
  if (code !== 200) return undefined;
  const from = offsetOf(body);
  return { from, initial: body.items, watches: [], last: from };
}

const offsetOf = ({ metadata }: { metadata: { resourceVersion?: string } }): number => Number(metadata.resourceVersion);
