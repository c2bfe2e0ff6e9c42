import type { Call } from './call.ts';
import { act } from './stages/act.ts';
import { answer } from './stages/answer.ts';
import { append } from './stages/append.ts';
import { authenticate } from './stages/authenticate.ts';
import { authorize } from './stages/authorize.ts';
import { impersonate } from './stages/impersonate.ts';
import { negotiate } from './stages/negotiate.ts';
import { openCluster } from './stages/open-cluster.ts';
import { readBody } from './stages/read-body.ts';
import { requestInfo } from './stages/request-info.ts';
import { resolve } from './stages/resolve.ts';

/** A stage reads what the ones before it found out and adds its own to the call, or ends it: with an answer, or by throwing a StatusError. */
export type Stage = (call: Call) => Response | undefined | Promise<Response | undefined>;

/** What every request goes through, in this order. */
export const stages: readonly Stage[] = [
  requestInfo,
  authenticate,
  impersonate,
  authorize,
  openCluster,
  resolve,
  negotiate,
  readBody,
  // Reads are answered here. Writes are decoded, and say what is to be changed.
  act,
  // Decided on the newest state (`decide/`), again when another writer was first, and appended in one commit.
  append,
  answer,
];

/** Takes a call through the stages. Rejects with what a stage throws. */
export async function run(call: Call): Promise<Response> {
  for (const stage of stages) {
    const outcome = stage(call);
    const response = outcome instanceof Promise ? await outcome : outcome;
    if (response) return response;
  }
  throw new Error(`nothing answered ${call.request.method} ${call.path}`);
}
