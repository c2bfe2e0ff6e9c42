import type { FieldError } from '../../kube/status.ts';
import { notSupported, required } from '../../kube/validation/field.ts';
import type { Binding } from '../../schema/generated/kinds.ts';
import type { Strategy } from '../strategy.ts';

/** Bindings: never kept, each one puts a pod on a node (ValidatePodBinding). */
export const strategy: Strategy<Binding> = {
  validate({ target }): FieldError[] {
    return [
      ...(target?.kind && target.kind !== 'Node' ? [notSupported('target.kind', target.kind, ['Node', '<empty>'])] : []),
      ...(target?.name ? [] : [required('target.name')]),
    ];
  },
};
