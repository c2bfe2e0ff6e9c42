import { apisOf } from '../../apis/apis.ts';
import type { Restore } from '../../apis/logplane/restore.ts';
import { refuse } from '../../decide/stages.ts';
import { invalid } from '../../kube/status.ts';
import { invalidValue } from '../../kube/validation/field.ts';
import type { State } from '../../state/state.ts';
import { isNamed } from '../../undo/chosen.ts';
import { restoration } from '../../undo/restoration.ts';
import { objectFromBody } from '../answers/object-body.ts';
import type { WriteCall } from '../call.ts';
import { readWriteOptions } from '../query/write-options.ts';
import { bodyType } from '../request/body-type.ts';
import { fieldManagerOf } from '../request/field-manager.ts';
import { newestState } from '../request/reading.ts';
import { withoutSystemFields } from '../request/system-fields.ts';
import { inNamespace } from '../verbs/create.ts';
import type { Write } from '../write.ts';
import { carryOut } from './carry-out.ts';
import { momentOf, pastAt } from './moment.ts';

/**
 * Carries a Restore out (docs/undo.md): the past is looked at before, what is to be changed is found out on the newest state, in the commit. Answers 201. Throws what `carryOut` throws, 410 for a
 * past that is no longer kept, and 422.
 */
export async function createRestore(call: WriteCall): Promise<Write> {
  const { target, info } = call;
  const options = readWriteOptions(call.query, 'CreateOptions');
  const given = inNamespace(call, withoutSystemFields(objectFromBody<Restore>(call, bodyType(target), options)));
  refuse(target.resource, given, target.resource.strategy.validate?.(given) ?? []);
  const { at, force = false, ...choice } = given.spec;
  const offset = await momentOf(call, { name: given.metadata.name, field: 'spec.at', value: at });
  const past = await pastAt(call, offset);
  checkResources(call, given, [past, await newestState(call)]);
  const manager = fieldManagerOf(call).name;
  return carryOut(call, {
    given,
    force,
    dryRun: options.dryRun,
    planOf: (now) => restoration({ ...choice, namespace: info.namespace }, { past, now, manager }),
  });
}

/** What nothing serves, now or then, is a mistake. Throws 422. */
function checkResources({ target }: WriteCall, { metadata, spec }: Restore, states: readonly State[]): void {
  const unknown = (spec.resources ?? []).map((name, i) => {
    const isKnown = states.some((state) => apisOf(state).resources.some((resource) => isNamed(resource, name)));
    return isKnown ? [] : [invalidValue(`spec.resources[${i}]`, name, 'no resource of this name is served, or was')];
  });
  const errors = unknown.flat();
  if (errors.length > 0) throw invalid({ group: target.resource.group, kind: target.resource.kind }, metadata.name, errors);
}
