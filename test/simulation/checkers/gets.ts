import type { Key, KubeObject } from '../../../core/kube/object.ts';
import { same } from '../../../core/kube/object.ts';
import { withoutHeartbeats } from '../heartbeats.ts';
import type { Exchange } from '../history.ts';
import { shown, withoutManagers } from '../managers.ts';
import type { Replay } from '../replay.ts';
import type { Checker } from './checker.ts';

/**
 * What a GET tells was there (API concepts, "Resource versions", semantics for get): the newest, when no resourceVersion is asked for; as new as
 * the one that is; anything that once was, for 0. And an instance never tells of an older state than it told of before, as no watch cache does.
 */
export const gets: Checker = {
  name: 'gets',
  *check({ cluster, replay, history }) {
    const told = new Map<string, Told[]>();
    for (const exchange of history.exchanges) {
      const { meant, by, method, code } = exchange;
      if (exchange.cluster !== cluster || !meant || method !== 'GET' || (code !== 200 && code !== 404)) continue;
      const object: KubeObject | undefined = code === 200 ? exchange.body : undefined;
      const claim = describe(meant.key, object);
      if (object) yield* checkContent(meant.key, object, replay);
      const version = object?.metadata.resourceVersion;
      const since = oldestFor(exchange);
      const at = (from: number) => replay.firstOffset(meant.key, { from, to: exchange.to }, (there) => there?.metadata.resourceVersion === version);
      if (at(since) === undefined) {
        yield `a GET that asked for ${since} or later, answered at ${exchange.to}, told of ${claim}, which was not so then`;
        continue;
      }
      const before = told.get(by!) ?? [];
      told.set(by!, before);
      const floor = Math.max(0, ...before.filter(({ answered }) => answered <= exchange.asked).map(({ offset }) => offset));
      const offset = at(Math.max(since, floor));
      if (offset === undefined) yield `${by} told of ${claim}, after it had told of the state at ${floor}`;
      else before.push({ answered: exchange.answered, offset });
    }
  },
};

interface Told {
  readonly answered: number;
  /** The oldest state that fits what was told. */
  readonly offset: number;
}

/** The oldest state that may be told of. */
export const oldestFor = ({ meant, from }: Exchange): number => meant?.resourceVersion ?? from;

function* checkContent(key: Key, object: KubeObject, replay: Replay): Generator<string> {
  const there = replay.get(key, Number(object.metadata.resourceVersion));
  if (!there) yield `a GET told of ${describe(key, object)}, which was never there`;
  else if (!same(withoutHeartbeats({ ...shown(there), apiVersion: object.apiVersion, kind: object.kind }), withoutHeartbeats(withoutManagers(object))))
    yield `a GET told of ${describe(key, object)} otherwise than the log has it: ${JSON.stringify(object)}, not ${JSON.stringify(there)}`;
}

const describe = (key: Key, object: KubeObject | undefined) => (object ? `${key} at ${object.metadata.resourceVersion}` : `no ${key}`);
