import { goValue } from '../../kube/go-value.ts';
import type { FieldError } from '../../kube/status.ts';
import { duplicate, forbiddenField, invalidValue, invalidValues, required } from '../../kube/validation/field.ts';
import { label, subdomain } from '../../kube/validation/names.ts';
import type { PodResourceClaim } from '../../schema/generated/kinds.ts';

/** Checks the resource claims that a pod names or has made for it (validatePodResourceClaims). */
export function validatePodResourceClaims(claims: readonly PodResourceClaim[], path: string, { isMirror }: { isMirror: boolean }): FieldError[] {
  if (isMirror) return claims.map(() => forbiddenField('[]', 'static pods do not support resource claims'));
  const taken = new Set<string>();
  return claims.flatMap((claim, i) => {
    const { name = '', resourceClaimName, resourceClaimTemplateName } = claim;
    const at = `${path}[${i}]`;
    const repeated = taken.has(name);
    taken.add(name);
    const shown = goValue('core.PodResourceClaim', claim);
    return [
      ...(name ? [] : [required(`${at}.name`)]),
      ...(name && repeated ? [duplicate(`${at}.name`, name)] : []),
      ...(name && !repeated ? invalidValues(`${at}.name`, name, label(name)) : []),
      ...(resourceClaimName !== undefined && resourceClaimTemplateName !== undefined
        ? [invalidValue(at, shown, 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified')]
        : []),
      ...(resourceClaimName === undefined && resourceClaimTemplateName === undefined
        ? [invalidValue(at, shown, 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`')]
        : []),
      ...(resourceClaimName === undefined ? [] : invalidValues(`${at}.resourceClaimName`, resourceClaimName, subdomain(resourceClaimName))),
      ...(resourceClaimTemplateName === undefined
        ? []
        : invalidValues(`${at}.resourceClaimTemplateName`, resourceClaimTemplateName, subdomain(resourceClaimTemplateName))),
    ];
  });
}
