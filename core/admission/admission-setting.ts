import { parse } from 'yaml';
import { type Fields, isFields } from '../kube/fields.ts';
import { aggregate, type FieldError } from '../kube/status.ts';
import { invalidValue } from '../kube/validation/field.ts';
import type { PluginConfiguration } from './default-plugins.ts';
import type { EventLimit } from './optional/event-rate-limit.ts';
import type { PodNodeSelectors } from './optional/pod-node-selector.ts';
import { selectorLabels } from './optional/selector-labels.ts';
import type { AdmissionSettings } from './plugins.ts';
import { podSecurityConfiguration } from './pod-security/configuration.ts';

/** The settings of a host as an operator writes them: two lists of names with commas between them, and an AdmissionConfiguration (YAML or JSON). Throws, for the operator, when one is not understood. */
export function parseAdmissionSettings(given: {
  enable?: string | undefined;
  disable?: string | undefined;
  configuration?: string | undefined;
}): AdmissionSettings {
  return {
    enable: listIn(given.enable),
    disable: listIn(given.disable),
    ...(given.configuration !== undefined && { configuration: parseConfiguration(given.configuration) }),
  };
}

const listIn = (text = ''): string[] =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);

/** apiserver.config.k8s.io/v1, AdmissionConfiguration: what each plugin that takes any is configured with. */
function parseConfiguration(text: string): PluginConfiguration {
  const file = fields(parse(text), 'AdmissionConfiguration');
  checkType(file, { apiVersion: 'apiserver.config.k8s.io/v1', kind: 'AdmissionConfiguration' });
  const plugins = file['plugins'] ?? [];
  if (!Array.isArray(plugins)) throw new Error('plugins of an AdmissionConfiguration is a list');
  return Object.assign({}, ...plugins.map((plugin) => configurationOf(fields(plugin, 'a plugin')))) as PluginConfiguration;
}

function configurationOf({ name, configuration, path }: Fields): PluginConfiguration {
  const read = typeof name === 'string' && Object.hasOwn(readers, name) ? readers[name as keyof typeof readers] : undefined;
  if (!read) throw new Error(`the plugin ${JSON.stringify(name)} takes no configuration; these do: ${Object.keys(readers).join(', ')}`);
  if (path) throw new Error(`the configuration of ${name} stands in the AdmissionConfiguration itself, not in a file of its own`);
  return read(fields(configuration, `the configuration of ${name}`));
}

const readers: Readonly<Record<string, (configuration: Fields) => PluginConfiguration>> = {
  PodSecurity: (given) => {
    checkType(given, { apiVersion: 'pod-security.admission.config.k8s.io/v1', kind: 'PodSecurityConfiguration' });
    const { configuration, errors } = podSecurityConfiguration(given);
    refuse('PodSecurity', errors);
    return { podSecurity: configuration };
  },
  PodNodeSelector: ({ podNodeSelectorPluginConfig: selectors = {} }) => {
    refuse('PodNodeSelector', selectorErrors(selectors));
    return { podNodeSelector: selectors as PodNodeSelectors };
  },
  EventRateLimit: (given) => {
    checkType(given, { apiVersion: 'eventratelimit.admission.k8s.io/v1alpha1', kind: 'Configuration' });
    const limits = given['limits'] ?? [];
    refuse('EventRateLimit', limitErrors(limits));
    return { eventRateLimit: limits as EventLimit[] };
  },
};

function selectorErrors(selectors: unknown): FieldError[] {
  if (!isFields(selectors)) return [invalidValue('podNodeSelectorPluginConfig', selectors, 'must be a map')];
  return Object.entries(selectors).flatMap(([namespace, text]) => {
    const labels = typeof text === 'string' ? selectorLabels(text) : 'must be a selector';
    return typeof labels === 'string' ? [invalidValue(`podNodeSelectorPluginConfig[${namespace}]`, text, labels)] : [];
  });
}

const LIMIT_TYPES = ['Server', 'Namespace', 'User', 'SourceAndObject'];

function limitErrors(limits: unknown): FieldError[] {
  if (!Array.isArray(limits) || limits.length === 0) return [invalidValue('limits', limits, 'must not be empty')];
  const isCount = (value: unknown, least: number) => Number.isInteger(value) && (value as number) >= least;
  return limits.flatMap((limit: unknown, i) => {
    const { type, qps, burst, cacheSize = 0 } = isFields(limit) ? limit : {};
    return [
      ...(LIMIT_TYPES.includes(type as string) ? [] : [invalidValue(`limits[${i}].type`, type, `must be one of ${LIMIT_TYPES.join(', ')}`)]),
      ...(isCount(burst, 1) ? [] : [invalidValue(`limits[${i}].burst`, burst, 'must be positive')]),
      ...(isCount(qps, 1) ? [] : [invalidValue(`limits[${i}].qps`, qps, 'must be positive')]),
      ...(isCount(cacheSize, 0) ? [] : [invalidValue(`limits[${i}].cacheSize`, cacheSize, 'must not be negative')]),
    ];
  });
}

function refuse(plugin: string, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw new Error(`the configuration of ${plugin} is invalid: ${aggregate(errors)}`);
}

function checkType(given: Fields, { apiVersion, kind }: { apiVersion: string; kind: string }): void {
  if (given['apiVersion'] !== apiVersion || given['kind'] !== kind) throw new Error(`${kind} of ${apiVersion} is needed`);
}

function fields(value: unknown, what: string): Fields {
  if (!isFields(value)) throw new Error(`${what} is an object`);
  return value;
}
