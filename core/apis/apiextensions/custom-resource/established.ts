import { fieldsOf } from '../../../kube/fields.ts';
import type { KubeObject } from '../../../kube/object.ts';
import { byVersion } from '../../../kube/version-order.ts';
import { customType } from '../../../schema/custom/type-schema.ts';
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionNames,
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionVersion,
} from '../../../schema/generated/kinds.ts';
import type { ApiResource, ConversionWebhook, ServedVersion, StorageVersion, Subresource } from '../../api-resource.ts';
import type { Strategy } from '../../strategy.ts';
import { isTrue } from '../conditions.ts';
import { firstAt, type JsonPath, parseJsonPath, printed } from './json-path.ts';
import { printerTable } from './printer-columns.ts';
import { scaleAt } from './scale-paths.ts';
import { customStrategy } from './strategy.ts';

/**
 * What a CustomResourceDefinition establishes: one resource, once its names are accepted, under those names (apiextensions-apiserver's customresource_handler.go and
 * customresource_discovery_controller.go). The same array for the same spec, names and end.
 */
export function establishedBy(definition: CustomResourceDefinition): readonly ApiResource[] {
  const { spec, status } = definition;
  if (!isTrue(definition, 'Established') || !spec.versions.some(({ served }) => served)) return NONE;
  const names = status?.acceptedNames ?? spec.names;
  const terminating = isTrue(definition, 'Terminating');
  const state = JSON.stringify([names, terminating]);
  const known = established.get(spec) ?? new Map<string, readonly ApiResource[]>();
  established.set(spec, known);
  const resources = known.get(state) ?? [customResource(spec, names, { terminating })];
  known.set(state, resources);
  return resources;
}

const NONE: readonly ApiResource[] = [];

/** By spec, then by names and end. */
const established = new WeakMap<CustomResourceDefinitionSpec, Map<string, readonly ApiResource[]>>();

/** The resource that a spec describes, under these names. */
export function customResource(spec: CustomResourceDefinitionSpec, names: CustomResourceDefinitionNames, { terminating = false } = {}): ApiResource {
  const { group, scope, versions, conversion } = spec;
  const { plural, singular = '', kind, listKind = `${kind}List`, shortNames = [], categories = [] } = names;
  const groupResource = `${plural}.${group}`;
  const types = new Map(versions.map((version) => [`${group}/${version.name}`, typeOf(group, kind, version)]));
  const typeIn = ({ name }: CustomResourceDefinitionVersion) => types.get(`${group}/${name}`)!;
  const webhook = conversion?.strategy === 'Webhook' ? webhookOf(conversion.webhook) : undefined;
  return {
    groupResource,
    group,
    resource: plural,
    singular,
    kind,
    listKind,
    namespaced: scope === 'Namespaced',
    shortNames,
    categories,
    storedAs: groupResource,
    storageVersion: typeIn(versions.find(({ storage }) => storage)!),
    versions: versions
      .filter(({ served }) => served)
      .sort((a, b) => byVersion(a.name, b.name))
      .map((version) => servedVersion(version, typeIn(version), spec, kind)),
    strategy: customStrategy({ group, kind, versions }),
    custom: { types, terminating, ...(webhook && { webhook }) },
  };
}

function typeOf(group: string, kind: string, { name, schema }: CustomResourceDefinitionVersion): StorageVersion {
  const gvk = { group, version: name, kind };
  return { version: name, type: customType(`${group.split('.').reverse().join('.')}.${name}.${kind}`, gvk, schema?.openAPIV3Schema ?? {}) };
}

function webhookOf(webhook: NonNullable<CustomResourceDefinitionSpec['conversion']>['webhook']): ConversionWebhook {
  const { clientConfig: client = {}, conversionReviewVersions = [] } = webhook ?? {};
  return { client, reviewVersion: conversionReviewVersions.find((version) => version === 'v1' || version === 'v1beta1') ?? '' };
}

/** In the order in which Kubernetes lists them. */
const VERBS = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];
const OF_SUBRESOURCES = ['get', 'patch', 'update'];

function servedVersion(version: CustomResourceDefinitionVersion, type: StorageVersion, spec: CustomResourceDefinitionSpec, kind: string): ServedVersion {
  const { subresources, additionalPrinterColumns, selectableFields = [], deprecated } = version;
  const scale = subresources?.scale;
  const served: Record<string, Subresource> = {
    ...(subresources?.status && { status: { kind, verbs: OF_SUBRESOURCES } }),
    ...(scale && { scale: { kind: 'Scale', group: 'autoscaling', version: 'v1', verbs: OF_SUBRESOURCES } }),
  };
  return {
    ...type,
    verbs: VERBS,
    subresources: served,
    table: printerTable(additionalPrinterColumns),
    selectableFields: Object.fromEntries(selectableFields.map(({ jsonPath }) => [jsonPath.replace(/^\./, ''), selectedBy(jsonPath)])),
    ...(scale && { scale: scaleAt(scale) }),
    ...(deprecated && { deprecation: version.deprecationWarning ?? deprecationOf(version, spec, kind) }),
  };
}

/** A field as a selector compares it; '' when it is not there. */
function selectedBy(jsonPath: string): NonNullable<Strategy['selectableFields']>[string] {
  const path: JsonPath = parseJsonPath(jsonPath) ?? (() => []);
  return (object: KubeObject) => {
    const value = firstAt(path, fieldsOf(object));
    return value === undefined || value === null ? '' : printed(value);
  };
}

/** A deprecated version names the newest that is not. */
function deprecationOf({ name }: CustomResourceDefinitionVersion, { group, versions }: CustomResourceDefinitionSpec, kind: string): string {
  const newer = versions.filter((version) => version.served && !version.deprecated && byVersion(version.name, name) < 0).map((version) => version.name);
  const [newest] = newer.sort(byVersion);
  return `${group}/${name} ${kind} is deprecated${newest ? `; use ${group}/${newest} ${kind}` : ''}`;
}
