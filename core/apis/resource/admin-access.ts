import type { FieldError } from '../../kube/status.ts';
import { forbiddenField } from '../../kube/validation/field.ts';
import type { State } from '../../state/state.ts';

const LABEL = 'resource.kubernetes.io/admin-access';

/**
 * Devices that others use are for namespaces that an administrator labels (AuthorizedForAdmin). `asked`: whether each request of a claim asks for them. `path`: where
 * the requests are; Kubernetes leaves out the `exactly` between a request and its adminAccess.
 */
export function validateAdminAccess(
  asked: readonly (boolean | undefined)[],
  { namespace, state, path }: { namespace: string; state: State; path: string },
): FieldError[] {
  const first = asked.indexOf(true);
  if (first < 0 || state.get('namespaces', undefined, namespace)?.metadata.labels?.[LABEL] === 'true') return [];
  return [forbiddenField(`${path}[${first}].adminAccess`, `admin access to devices requires the \`${LABEL}: true\` label on the containing namespace`)];
}
