import { operationOf, record, type Step, type StepResult, type Transaction } from '../../apis/logplane/transaction.ts';
import type { Mutation } from '../../apis/mutation.ts';
import { LAST_APPLIED } from '../../decide/last-applied.ts';
import { checkResourceVersion, checkUid } from '../../decide/preconditions.ts';
import { refuse } from '../../decide/stages.ts';
import type { ClusterInstant } from '../../instant.ts';
import { type KubeObject, parseKey } from '../../kube/object.ts';
import { alreadyExists, methodNotSupported, notFound } from '../../kube/status.ts';
import type { Offset } from '../../log/event.ts';
import type { State } from '../../state/state.ts';
import { answerObject } from '../answers/answers.ts';
import { objectFromBody } from '../answers/object-body.ts';
import type { WriteCall } from '../call.ts';
import { readWriteOptions } from '../query/write-options.ts';
import { bodyType } from '../request/body-type.ts';
import { fieldManagerOf } from '../request/field-manager.ts';
import { refuseUnlessStillPermitted } from '../request/still-permitted.ts';
import { withoutSystemFields } from '../request/system-fields.ts';
import { inNamespace } from '../verbs/create.ts';
import type { Asker, Came, Script, Wanted, Write } from '../write.ts';
import { refusedAt } from './refused-at.ts';
import { stepCall } from './step-call.ts';

/**
 * Carries a Transaction out (docs/undo.md): its record, its steps, each as the request that it stands for, and what came of them, as one entry. Answers 201. Throws what the steps throw, with which of
 * them it was, and 413 where all of it does not fit into one entry; nothing is written then.
 */
export function createTransaction(call: WriteCall, handlerOf: HandlerOf): Write {
  const { target, query } = call;
  const options = readWriteOptions(query, 'CreateOptions');
  const given = inNamespace(call, withoutSystemFields(objectFromBody<Transaction>(call, bodyType(target), options)));
  refuse(target.resource, given, target.resource.strategy.validate?.(given) ?? []);
  const { steps } = given.spec;
  const resource = target.resource.groupResource;
  const { dryRun } = options;

  function* plan(_state: State, now: ClusterInstant, ask: Asker): Script {
    const created = yield { mutation: { type: 'create', resource, object: recordOf(given), manager: fieldManagerOf(call) } };
    let { state } = created;
    const cause = offsetOf(created);
    const results: StepResult[] = [];
    for (const [i, step] of steps.entries()) {
      try {
        const came: Came | undefined = yield* carriedOut(step, { call, handlerOf, state, now, ask, cause });
        if (!came) return;
        state = came.state;
        results.push(resultOf(step, came, dryRun));
      } catch (error) {
        throw refusedAt(`spec.steps[${i}]`, error);
      }
    }
    const { object } = created.decision;
    yield {
      mutation: {
        type: 'update',
        resource,
        object: { ...object, status: { ...(!dryRun && { request: cause }), steps: results } } as KubeObject,
        subresource: 'status',
      },
      isNote: true,
    };
  }

  return { dryRun, atomic: true, namesOffsets: true, plan, answer: (written) => answerObject(call, written.at(-1)!.object, 201) };
}

/** What serves a call that writes, as `handlerOf` (handlers.ts), which knows of this one. */
export type HandlerOf = (call: WriteCall) => ((call: WriteCall) => Response | Write | Promise<Response | Write>) | undefined;

interface Carrying {
  readonly call: WriteCall;
  /** As the steps before it left it. */
  readonly state: State;
  readonly now: ClusterInstant;
  readonly ask: Asker;
  readonly handlerOf: HandlerOf;
  readonly cause: Offset;
}

/** One step, on the state that the ones before it left; undefined: it has asked. */
function* carriedOut(step: Step, { call, handlerOf, state, now, ask, cause }: Carrying): Generator<Wanted, Came | undefined, Came> {
  const own = stepCall(call, step, state);
  refuseUnlessStillPermitted(own, state, now);
  checkPrecondition(own, step, state);
  const write = handlerOf(own)?.(own);
  // What is answered and not kept is no change; nor are those of several at once steps of others.
  if (!write || !('plan' in write) || write.atomic) throw methodNotSupported(own.target.resource, `a step of ${call.target.resource.kind}`);
  let came: Came | undefined;
  const mutations = write.plan(state, now, ask);
  for (const mutation of (mutations as readonly Mutation[] | undefined) ?? []) came = yield { mutation, call: own, cause };
  return came;
}

/** Throws 404 and 409. */
function checkPrecondition({ target, info }: WriteCall, step: Step, state: State): void {
  const { existence, resourceVersion, uid } = step.precondition ?? {};
  const name = info.name ?? step.create?.object.metadata.name;
  if (name === undefined) return;
  const { resource, storage } = target;
  const there = state.get(storage.groupResource, info.namespace, name);
  if (existence === 'Absent' && there) throw alreadyExists(resource, name);
  if (!there && (existence === 'Present' || resourceVersion || uid)) throw notFound(resource, name);
  if (!there) return;
  const stored = { resource: storage, namespace: info.namespace, name, uid: there.metadata.uid, resourceVersion: there.metadata.resourceVersion! };
  checkUid(uid, { of: resource, stored });
  checkResourceVersion(resourceVersion, { of: resource, stored });
}

function recordOf(given: Transaction): Transaction {
  const { [LAST_APPLIED]: _, ...annotations } = given.metadata.annotations ?? {};
  const metadata = { ...given.metadata, annotations };
  return { ...given, metadata, spec: { ...given.spec, steps: given.spec.steps.map((step) => record(step) as Step) } };
}

/** Where the first event of a decision will stand. */
const offsetOf = ({ state, decision: { events } }: Came): Offset => state.offset - events.length + 1;

function resultOf(step: Step, { state, decision }: Came, dryRun: boolean): StepResult {
  const { resource, namespace, name } = parseKey(decision.key);
  const resourceVersion = dryRun ? undefined : state.get(resource, namespace, name)?.metadata.resourceVersion;
  return { operation: operationOf(step), resource, ...(namespace && { namespace }), name, ...(resourceVersion && { resourceVersion }) };
}
