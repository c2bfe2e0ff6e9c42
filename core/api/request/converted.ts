import { Answers, type Ask } from '../../admission/ask.ts';
import { type AskEdge, answersTo } from '../../decide/rounds.ts';
import { asking } from '../../decide/versions.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { ReadCall } from '../call.ts';

/** Has objects converted, by a webhook if need be, so that they can be shown. Throws 500 when it fails. */
export async function converted({ target, api, replica }: Pick<ReadCall, 'target' | 'api' | 'replica'>, objects: readonly KubeObject[]): Promise<void> {
  const { versions } = target;
  if (!versions) return;
  const answers = new Answers();
  const asks: Ask[] = [];
  if (versions.convert(objects, asking(answers, asks))) return;
  const edge: AskEdge = { ask: api.ask, clock: api.env.clock, state: () => replica.state };
  for (const [ask, answer] of await answersTo(asks, edge)) answers.learn(ask, answer);
  versions.convert(objects, asking(answers, []));
}
