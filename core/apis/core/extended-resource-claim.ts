import type { FieldError } from '../../kube/status.ts';
import { duplicate, invalidValue, invalidValues, required } from '../../kube/validation/field.ts';
import { label, subdomain } from '../../kube/validation/names.ts';
import { repeats } from '../../kube/validation/repeats.ts';
import type { PodExtendedResourceClaimStatus, PodSpec } from '../../schema/generated/kinds.ts';

const PATH = 'status.extendedResourceClaimStatus';

/** The claim by which devices are had for the extended resources of a pod's containers (validatePodExtendedResourceClaimStatus). */
export function validateExtendedResourceClaim(status: PodExtendedResourceClaimStatus | undefined, spec: PodSpec): FieldError[] {
  if (!status) return [];
  const { requestMappings = [], resourceClaimName } = status;
  const containers = new Map([...(spec.initContainers ?? []), ...spec.containers].map((container) => [container.name, container]));
  const repeated = repeats(requestMappings, (mapping) => JSON.stringify([mapping.containerName, mapping.resourceName, mapping.requestName]));
  return [
    ...(requestMappings.length > 0 ? [] : [required(`${PATH}.requestMappings`, 'at least one request mapping is required')]),
    ...requestMappings.flatMap(({ containerName, resourceName, requestName }, i) => {
      const at = `${PATH}.requestMappings[${i}]`;
      const container = containers.get(containerName);
      return [
        ...(container
          ? []
          : [invalidValue(`${at}.containerName`, containerName, 'must match the name of an entry in spec.initContainers.name or spec.containers.name')]),
        ...(container && !Object.hasOwn(container.resources?.requests ?? {}, resourceName)
          ? [invalidValue(`${at}.resourceName`, resourceName, NOT_REQUESTED)]
          : []),
        // Kubernetes tells of it where there is no index.
        ...invalidValues(`${PATH}.requestName`, requestName, label(requestName)),
        ...(repeated.has(i)
          ? [duplicate(`${at}.containerName`, containerName), duplicate(`${at}.resourceName`, resourceName), duplicate(`${at}.requestName`, requestName)]
          : []),
      ];
    }),
    ...(resourceClaimName
      ? invalidValues(`${PATH}.resourceClaimName`, resourceClaimName, subdomain(resourceClaimName))
      : [required(`${PATH}.resourceClaimName`)]),
  ];
}

const NOT_REQUESTED = 'must match the extended resource name of an entry in spec.initContainers.resources.requests or spec.containers.resources.requests';
