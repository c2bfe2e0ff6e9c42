import { type Fields, isFields } from '../../kube/fields.ts';
import { aggregate, type FieldError } from '../../kube/status.ts';
import { duplicate, invalidValue, required } from '../../kube/validation/field.ts';
import { type PluginArgs, pluginArgs } from './plugin-args.ts';
import { checkPluginSets, extensionPoints, type PluginSet, type PluginSets } from './plugin-sets.ts';

/** One scheduler: which plugins it has where, and what they are configured with. */
export interface Profile {
  readonly schedulerName: string;
  readonly sets: PluginSets;
  /** By the plugin's name. */
  readonly args: ReadonlyMap<string, Fields>;
}

export const DEFAULT_SCHEDULER = 'default-scheduler';

const API_VERSION = 'kubescheduler.config.k8s.io/v1';
const KIND = 'KubeSchedulerConfiguration';

/**
 * Reads the object that a KubeSchedulerConfiguration is: its profiles, with the plugins that each enables and disables, their weights and their arguments. Throws, for the
 * operator and in kube-scheduler's words, when it is not valid (apis/config/validation).
 */
export function parseSchedulerConfiguration(given: unknown): readonly Profile[] {
  if (!isFields(given)) throw new Error(`a ${KIND} is an object`);
  if (given['apiVersion'] !== API_VERSION || given['kind'] !== KIND) throw new Error(`${KIND} of ${API_VERSION} is needed`);
  const unknown = Object.keys(given).find((field) => !FIELDS.includes(field));
  if (unknown !== undefined) throw new Error(`strict decoding error: unknown field ${JSON.stringify(unknown)}`);
  const profiles = profilesIn(given['profiles']);
  const errors = [...profiles.flatMap(profileErrors), ...repeatedNames(profiles), ...unsupported(given)];
  if (errors.length > 0) throw new Error(aggregate(errors));
  return profiles.map(profileOf);
}

/** What concerns how kube-scheduler runs, and not where pods go, is taken and makes no difference. */
const FIELDS = [
  ...['apiVersion', 'kind', 'profiles', 'extenders', 'percentageOfNodesToScore', 'parallelism', 'leaderElection', 'clientConnection'],
  ...['enableProfiling', 'enableContentionProfiling', 'podInitialBackoffSeconds', 'podMaxBackoffSeconds', 'delayCacheUntilActive'],
];

interface GivenProfile {
  readonly schedulerName: string;
  readonly plugins: Fields;
  readonly pluginConfig: readonly Fields[];
  readonly path: string;
}

function profilesIn(given: unknown): readonly GivenProfile[] {
  const list = Array.isArray(given) && given.length > 0 ? given.filter(isFields) : [{}];
  return list.map(({ schedulerName, plugins, pluginConfig }: Fields, i) => ({
    // The name of the only one goes without saying.
    schedulerName: typeof schedulerName === 'string' ? schedulerName : list.length === 1 ? DEFAULT_SCHEDULER : '',
    plugins: isFields(plugins) ? plugins : {},
    pluginConfig: Array.isArray(pluginConfig) ? pluginConfig.filter(isFields) : [],
    path: `profiles[${i}]`,
  }));
}

function profileErrors({ schedulerName, pluginConfig, plugins, path }: GivenProfile): FieldError[] {
  const unknown = Object.keys(plugins).find((point) => !extensionPoints.some((known) => known === point));
  if (unknown !== undefined) throw new Error(`strict decoding error: unknown field ${JSON.stringify(`${path}.plugins.${unknown}`)}`);
  return [
    ...(schedulerName === '' ? [required(`${path}.schedulerName`)] : []),
    ...pluginConfig.flatMap(({ name, args = {} }, i) => {
      const at = `${path}.pluginConfig[${i}]`;
      const isRepeated = pluginConfig.slice(0, i).some((other) => other['name'] === name);
      return [...(isRepeated ? [duplicate(at, name)] : []), ...argsErrors(argsNamed(name), args, `${at}.args`)];
    }),
  ];
}

const argsNamed = (name: unknown): PluginArgs | undefined => (typeof name === 'string' && Object.hasOwn(pluginArgs, name) ? pluginArgs[name] : undefined);

function argsErrors(plugin: PluginArgs | undefined, args: unknown, path: string): FieldError[] {
  if (!plugin) return [];
  const isItsOwn = isFields(args) && (args['kind'] === undefined || args['kind'] === plugin.kind);
  return isItsOwn ? plugin.validate(args, path) : [invalidValue(path, args, 'has to match plugin args')];
}

const repeatedNames = (profiles: readonly GivenProfile[]): FieldError[] =>
  profiles.flatMap(({ schedulerName, path }, i) => {
    const first = profiles.findIndex((other) => other.schedulerName === schedulerName);
    return first < i ? [duplicate(`${path}.schedulerName`, `profiles[${first}].schedulerName`)] : [];
  });

function unsupported({ percentageOfNodesToScore, extenders }: Fields): FieldError[] {
  const isPercentage = typeof percentageOfNodesToScore === 'number' && percentageOfNodesToScore >= 0 && percentageOfNodesToScore <= 100;
  return [
    ...(percentageOfNodesToScore === undefined || isPercentage
      ? []
      : [invalidValue('percentageOfNodesToScore', percentageOfNodesToScore, 'not in valid range [0-100]')]),
    ...(Array.isArray(extenders) && extenders.length > 0 ? [invalidValue('extenders', extenders.length, 'extenders are not called here')] : []),
  ];
}

function profileOf({ schedulerName, plugins, pluginConfig }: GivenProfile): Profile {
  const args = new Map(pluginConfig.flatMap(({ name, args }): [string, Fields][] => (typeof name === 'string' && isFields(args) ? [[name, args]] : [])));
  const sets: PluginSets = Object.fromEntries(Object.entries(plugins).map(([point, set]) => [point, setIn(isFields(set) ? set : {})]));
  try {
    checkPluginSets(sets);
  } catch (error) {
    throw new Error(`initializing profiles: creating profile for scheduler name ${schedulerName}: ${(error as Error).message}`);
  }
  return { schedulerName, sets, args };
}

function setIn({ enabled, disabled }: Fields): PluginSet {
  const named = (list: unknown) => (Array.isArray(list) ? list.filter(isFields) : []).filter(({ name }) => typeof name === 'string');
  return {
    enabled: named(enabled).map(({ name, weight }) => ({ name: name as string, ...(typeof weight === 'number' && { weight }) })),
    disabled: named(disabled).map(({ name }) => name as string),
  };
}
