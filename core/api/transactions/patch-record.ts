import { badRequest } from '../../kube/status.ts';
import type { WriteCall } from '../call.ts';
import { isApply, patch } from '../verbs/patch.ts';
import type { Write } from '../write.ts';

/** A record of what was done comes about when that is done, by a creation, and not by an apply; what is there of one is changed as anything else is. Throws 400. */
export function patchRecord(call: WriteCall): Write {
  const write = patch(call);
  if (!isApply(call)) return write;
  const { target, info } = call;
  const plan: Write['plan'] = (state, now, ask) => {
    if (!state.get(target.storage.groupResource, info.namespace, info.name!))
      throw badRequest(`a ${target.resource.kind} is carried out when it is created, and cannot be created by an apply`);
    return write.plan(state, now, ask);
  };
  return { ...write, plan };
}
