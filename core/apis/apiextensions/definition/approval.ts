import type { ObjectMeta } from '../../../kube/object.ts';
import type { FieldError } from '../../../kube/status.ts';
import { invalidValue, required } from '../../../kube/validation/field.ts';

/** Groups of the Kubernetes community need an approval that is named in an annotation (KEP 1111). */

const APPROVAL = 'api-approved.kubernetes.io';
const PROPOSAL = 'see https://github.com/kubernetes/enhancements/pull/1111';

export interface Approval {
  readonly state: 'missing' | 'invalid' | 'bypassed' | 'approved';
  readonly reason: string;
}

export const isProtected = (group: string): boolean => /(^|\.)(k8s|kubernetes)\.io$/.test(group);

export function approvalOf({ annotations }: Pick<ObjectMeta, 'annotations'>): Approval {
  const value = annotations?.[APPROVAL] ?? '';
  if (value === '') return { state: 'missing', reason: `protected groups must have approval annotation "${APPROVAL}", ${PROPOSAL}` };
  if (value.startsWith('unapproved')) return { state: 'bypassed', reason: `not approved: ${JSON.stringify(value)}` };
  if (/^[a-z][a-z0-9+.-]*:\/\/[^/?#\s]+/i.test(value)) return { state: 'approved', reason: `approved in ${value}` };
  const detail = `protected groups must have approval annotation "${APPROVAL}" with either a URL or a reason starting with "unapproved", ${PROPOSAL}`;
  return { state: 'invalid', reason: detail };
}

/** `previous`: one that is as it was before is not refused for it. */
export function approvalErrors(group: string, metadata: ObjectMeta, previous?: ObjectMeta): FieldError[] {
  if (!isProtected(group)) return [];
  const { state, reason } = approvalOf(metadata);
  if (previous && approvalOf(previous).state === state) return [];
  const path = `metadata.annotations[${APPROVAL}]`;
  if (state === 'missing') return [required(path, reason)];
  return state === 'invalid' ? [invalidValue(path, metadata.annotations![APPROVAL], reason)] : [];
}
