import { type Fields, isFields } from '../kube/fields.ts';
import { aggregate, type FieldError } from '../kube/status.ts';
import { invalidValue } from '../kube/validation/field.ts';
import { type EventLimit, limitErrors } from './optional/event-limit.ts';
import { selectorLabels } from './optional/selector-labels.ts';
import { pluginNames } from './plugin-names.ts';
import { type PodSecurityConfiguration, podSecurityConfiguration } from './pod-security/configuration.ts';

/** What the operator of a host says of admission, as `kube-apiserver --enable-admission-plugins --disable-admission-plugins --admission-control-config-file` do. */
export interface AdmissionSettings {
  /** Besides those that run anyway. */
  readonly enable: readonly string[];
  readonly disable: readonly string[];
  readonly configuration: PluginConfiguration;
}

/** Of the plugins that take any (AdmissionConfiguration). */
export interface PluginConfiguration {
  readonly podSecurity?: PodSecurityConfiguration;
  readonly podNodeSelector?: PodNodeSelectors;
  readonly eventRateLimit?: readonly EventLimit[];
}

/** Labels of nodes, as a selector with `=` writes them, by namespace; under `clusterDefaultNodeSelector` those of a namespace whose annotation says nothing. */
export type PodNodeSelectors = Readonly<Record<string, string>>;

/**
 * The settings as they are written: two lists of names with commas between them, and the object that an AdmissionConfiguration is. Throws, for the operator, when one is not
 * understood, a name is unknown or named twice, or a plugin lacks what it needs.
 */
export function parseAdmissionSettings(given: { enable?: string | undefined; disable?: string | undefined; configuration?: unknown }): AdmissionSettings {
  const [enable, disable] = [listIn(given.enable), listIn(given.disable)];
  const configuration = given.configuration === undefined ? {} : parseConfiguration(given.configuration);
  for (const [flag, list] of Object.entries({ 'enable-admission-plugins': enable, 'disable-admission-plugins': disable })) {
    const unknown = list.find((name) => !pluginNames.some((known) => known === name));
    if (unknown !== undefined) throw new Error(`${flag} plugin ${JSON.stringify(unknown)} is unknown; there are ${pluginNames.join(', ')}`);
  }
  const both = enable.filter((name) => disable.includes(name));
  if (both.length > 0) throw new Error(`[${both.join(' ')}] in enable-admission-plugins and disable-admission-plugins overlapped`);
  if (enable.includes('EventRateLimit') && !configuration.eventRateLimit) throw new Error('EventRateLimit needs limits in its configuration');
  return { enable, disable, configuration };
}

const listIn = (text = ''): string[] =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean);

/** apiserver.config.k8s.io/v1, AdmissionConfiguration: what each plugin that takes any is configured with. */
function parseConfiguration(given: unknown): PluginConfiguration {
  const file = fields(given, 'AdmissionConfiguration');
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
