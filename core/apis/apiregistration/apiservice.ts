import { timestamp } from '../../kube/object.ts';
import type { FieldError } from '../../kube/status.ts';
import { invalidValue, invalidValues, required } from '../../kube/validation/field.ts';
import { label1035, pathSegment, portNumber, subdomain } from '../../kube/validation/names.ts';
import type { APIService, APIServiceSpec } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import { metricsServedBy } from '../metrics/metrics-apis.ts';
import type { Strategy } from '../strategy.ts';

/** apiregistration.k8s.io/v1 APIService (kube-aggregator's pkg/apis/apiregistration/validation). */
export const strategy: Strategy<APIService> = {
  metadataRules: 'apimachinery',
  nameFormat: 'path',
  noEffect: {
    why: 'nothing is proxied to other servers yet',
    condition: 'Available',
    unless: (apiService) => !apiService.spec?.service || isServedHere(apiService),
  },
  prepareForCreate(apiService, { now }) {
    const available = { type: 'Available', status: 'True', lastTransitionTime: timestamp(now) };
    const local = { ...available, reason: 'Local', message: 'Local APIServices are always available' };
    const passed = { ...available, reason: 'Passed', message: 'all checks passed' };
    apiService.status = !apiService.spec?.service ? { conditions: [local] } : isServedHere(apiService) ? { conditions: [passed] } : {};
  },
  defaults({ spec }) {
    if (spec?.service) spec.service.port ??= 443;
  },
  // Of what is no segment of a path nothing else is said.
  nameRule({ spec }, name) {
    const wanted = `${spec?.version ?? ''}.${spec?.group ?? ''}`;
    return name === wanted || pathSegment(name).length ? [] : [`must be \`spec.version+"."+spec.group\`: ${quotedName(wanted)}`];
  },
  validate: ({ spec = {} as APIServiceSpec }) => validateSpec(spec),
  table: {
    columns: [
      nameColumn,
      column('Service', 'string', 'The reference to the service that hosts this API endpoint.'),
      column('Available', 'string', 'Whether this service is available.'),
      ageColumn,
    ],
    cells: (apiService, now) => {
      const { service } = apiService.spec ?? {};
      const available = apiService.status?.conditions?.find(({ type }) => type === 'Available');
      const text = available ? (available.status === 'True' ? 'True' : `${available.status} (${available.reason ?? ''})`) : 'Unknown';
      return [apiService.metadata.name, service ? `${service.namespace}/${service.name}` : 'Local', text, ageOf(apiService, now)];
    },
  },
};

const isServedHere = (apiService: APIService): boolean => metricsServedBy(apiService).length > 0;

const MAX_GROUP_PRIORITY = 20_000;
const MAX_VERSION_PRIORITY = 1_000;

function validateSpec(spec: APIServiceSpec): FieldError[] {
  const { group = '', version = '', service, caBundle, insecureSkipTLSVerify, groupPriorityMinimum: groupPriority = 0, versionPriority = 0 } = spec;
  const errors = group ? invalidValues('spec.group', group, subdomain(group)) : [];
  errors.push(...invalidValues('spec.version', version, label1035(version)));
  if (groupPriority <= 0 || groupPriority > MAX_GROUP_PRIORITY)
    errors.push(invalidValue('spec.groupPriorityMinimum', groupPriority, `must be positive and less than ${MAX_GROUP_PRIORITY}`));
  if (versionPriority <= 0 || versionPriority > MAX_VERSION_PRIORITY)
    errors.push(invalidValue('spec.versionPriority', versionPriority, `must be positive and less than ${MAX_VERSION_PRIORITY}`));
  if (!service) {
    if (caBundle) errors.push(invalidValue('spec.caBundle', `${Buffer.from(caBundle, 'base64').length} bytes`, 'local APIServices may not have a caBundle'));
    if (insecureSkipTLSVerify)
      errors.push(invalidValue('spec.insecureSkipTLSVerify', insecureSkipTLSVerify, 'local APIServices may not have insecureSkipTLSVerify'));
    return errors;
  }
  if (!service.namespace) errors.push(required('spec.service.namespace'));
  if (!service.name) errors.push(required('spec.service.name'));
  errors.push(...portNumber(service.port ?? 443).map((message) => invalidValue('spec.service.port', service.port, `port is not valid: ${message}`)));
  if (insecureSkipTLSVerify && caBundle)
    errors.push(invalidValue('spec.insecureSkipTLSVerify', insecureSkipTLSVerify, 'may not be true if caBundle is present'));
  return errors;
}

const quotedName = (name: string) => JSON.stringify(name);
