import { validateDomainPath } from '../../kube/domain-path.ts';
import type { FieldError } from '../../kube/status.ts';
import { forbiddenField, immutable, invalidValues, notSupported, required, tooLong } from '../../kube/validation/field.ts';
import { label, pathSegment, subdomain } from '../../kube/validation/names.ts';
import type { IngressClass, IngressClassParametersReference } from '../../schema/generated/kinds.ts';
import { ageColumn, ageOf, column, nameColumn } from '../columns.ts';
import type { Strategy } from '../strategy.ts';

/** networking.k8s.io/v1 IngressClass. */
export const strategy: Strategy<IngressClass> = {
  generation: 'spec',
  defaults({ spec }) {
    if (spec?.parameters) spec.parameters.scope ??= 'Cluster';
  },
  validate: ({ spec }) => {
    const controller = spec?.controller ?? '';
    return [
      ...(controller.length > MAX_CONTROLLER ? [tooLong('spec.controller', MAX_CONTROLLER)] : []),
      ...validateDomainPath('spec.controller', controller),
      ...(spec?.parameters ? validateParameters(spec.parameters, 'spec.parameters') : []),
    ];
  },
  validateUpdate: ({ spec }, previous) => immutable('spec.controller', spec?.controller, previous.spec?.controller),
  table: {
    columns: [
      nameColumn,
      column('Controller', 'string', 'Controller that is responsible for handling this class'),
      column('Parameters', 'string', 'A reference to a resource with additional parameters'),
      ageColumn,
    ],
    cells: (ingressClass, now) => {
      const { controller = '', parameters } = ingressClass.spec ?? {};
      const text = parameters ? `${parameters.kind}${parameters.apiGroup === undefined ? '' : `.${parameters.apiGroup}`}/${parameters.name}` : '<none>';
      return [ingressClass.metadata.name, controller, text, ageOf(ingressClass, now)];
    },
  },
};

const MAX_CONTROLLER = 250;
const SCOPES = ['Cluster', 'Namespace'];

function validateParameters({ apiGroup, kind, name, scope, namespace }: IngressClassParametersReference, path: string): FieldError[] {
  const errors = [
    ...(apiGroup === undefined ? [] : invalidValues(`${path}.apiGroup`, apiGroup, subdomain(apiGroup))),
    ...(kind ? invalidValues(`${path}.kind`, kind, pathSegment(kind)) : [required(`${path}.kind`)]),
    ...(name ? invalidValues(`${path}.name`, name, pathSegment(name)) : [required(`${path}.name`)]),
  ];
  if (scope === undefined) return [...errors, required(`${path}.scope`)];
  if (!SCOPES.includes(scope)) return [...errors, notSupported(`${path}.scope`, scope, SCOPES)];
  if (scope === 'Namespace') {
    if (namespace === undefined) return [...errors, required(`${path}.namespace`, "`parameters.scope` is set to 'Namespace'")];
    return [...errors, ...invalidValues(`${path}.namespace`, namespace, label(namespace))];
  }
  return namespace === undefined ? errors : [...errors, forbiddenField(`${path}.namespace`, "`parameters.scope` is set to 'Cluster'")];
}
