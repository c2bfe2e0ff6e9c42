import type { ApiResource } from '../../core/apis/api-resource.ts';
import { builtIn } from '../../core/apis/built-in.ts';
import { objectOf } from '../../core/kube/fields.ts';
import { apiVersionOf } from '../../core/kube/group-version-kind.ts';
import { release } from '../../core/schema/release.ts';
import { stateWith } from '../../core/testing/decisions.ts';
import { names, samples } from '../../test/conformance/samples.ts';
import { type Field, fieldsOf, textOf } from './fields.ts';
import kubernetes from './kubernetes-fields.json' with { type: 'json' };
import { type Found, Prober } from './probes.ts';

/** What is found out about the fields of a kind. */
export interface Report {
  readonly resource: ApiResource;
  readonly apiVersion: string;
  readonly fields: readonly (Field & { readonly found: Found })[];
  /** Fields of which Kubernetes' validation speaks and no probe was refused. */
  readonly unchecked: readonly Field[];
}

/** docs/validation.md: what is found out by writing to every field of every kind. The same for the same code. */
export function validationPage(): string {
  const reports = builtIn.flatMap((resource) => reportOf(resource) ?? []);
  return `${[INTRODUCTION, table(reports), ...reports.map(section)].join('\n\n')}\n`;
}

export function reportOf(resource: ApiResource): Report | undefined {
  const { version, type } = resource.storageVersion;
  const apiVersion = apiVersionOf({ group: resource.group, version });
  const id = `${apiVersion} ${resource.resource}`;
  const sample = samples[id];
  // The Events of both groups are the same objects.
  if (!sample || resource.storedAs !== resource.groupResource) return undefined;
  const metadata = { name: names[id] ?? 'sample', ...(resource.namespaced && { namespace: 'default' }) };
  const prober = new Prober(resource, objectOf({ apiVersion, kind: resource.kind, metadata, ...sample }), stateWith());
  const fields = fieldsOf(type).map((field) => ({ ...field, found: prober.probe(field) }));
  const named = new Set(kubernetes[groupOf(resource) as keyof typeof kubernetes] ?? []);
  const unchecked = fields.filter(
    ({ path, schema, found }) => !isChecked(found) && schema.type !== 'boolean' && named.has(path.findLast((step) => !step.startsWith('*'))!),
  );
  return { resource, apiVersion, fields, unchecked };
}

const isChecked = ({ hasRule, isRequired }: Found) => hasRule || isRequired;

/** The folder of Kubernetes' pkg/apis that the group is in. */
const groupOf = ({ group }: ApiResource) => (group === '' || group === 'events.k8s.io' ? 'core' : group.split('.')[0]!);

const INTRODUCTION = `# What is checked

Every field of every built-in kind is decoded by its type, as Kubernetes ${release.version} has it; unknown fields are told of or refused (\`fieldValidation\`). What is checked
beyond that is found out by \`npm run validation\`, which made this page: it writes values to each field of the smallest object of each kind (an empty text, one that is no
name, one that is too long, a negative number, a list that repeats itself, nothing at all, …) and looks at what is refused, and where.

- A **rule** refused at least one of those values at that field. There may be more rules than one, and rules that none of these values breaks.
- **Immutable** is what a new object may have and an existing one cannot be given.
- **Dropped** is what a new object may say and is not kept, such as its status. **Defaulted** is there when nothing was said.
- Fields of metadata, of label selectors and of pod templates are left out below: the first two are checked alike in all kinds, and a template is checked as a Pod is.
- **No rule found**: the validation of Kubernetes' API group makes a path to a field of this name, and none of the values was refused here. Either the rule is another one
  (it compares two fields, or looks at what is around them), or it is missing.`;

function table(reports: readonly Report[]): string {
  const head = [
    'Kind',
    'fields',
    'rule',
    'required',
    'immutable',
    'defaulted',
    'dropped',
    'no rule found',
    'PUT creates',
    'PUT without a version',
    'generation',
  ];
  const rows = reports.map(({ resource: { kind, strategy }, apiVersion, fields, unchecked }) => {
    const count = (of: (found: Found) => boolean) => fields.filter(({ found }) => of(found)).length;
    return [
      `[${kind}](#${anchor(apiVersion, kind)})`,
      fields.length,
      count(({ hasRule }) => hasRule),
      count(({ isRequired }) => isRequired),
      count(({ isImmutable }) => isImmutable),
      count(({ isDefaulted }) => isDefaulted),
      count(({ isDropped }) => isDropped),
      unchecked.length,
      strategy.createOnUpdate ? 'yes' : '',
      strategy.unconditionalUpdate === false ? 'no' : '',
      strategy.generation ?? '',
    ];
  });
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

const anchor = (apiVersion: string, kind: string) => `${kind}-${apiVersion}`.toLowerCase().replace(/[^a-z0-9-]/g, '');

function section({ resource: { kind }, apiVersion, fields, unchecked }: Report): string {
  const lines = (title: string, of: (found: Found) => boolean) =>
    listed(
      title,
      fields.filter(({ found }) => of(found)),
    );
  return [
    `## ${kind} ${apiVersion}`,
    lines('Required', ({ isRequired }) => isRequired),
    lines('Rule', ({ hasRule }) => hasRule),
    lines('Immutable', ({ isImmutable }) => isImmutable),
    lines('Defaulted', ({ isDefaulted }) => isDefaulted),
    listed('No rule found', unchecked),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** Fields by what they are in: `spec.ports[*]`: `name`, `port`. */
function listed(title: string, fields: readonly Field[]): string {
  if (fields.length === 0) return '';
  const groups = Map.groupBy(fields, ({ path }) => textOf(path.slice(0, -1)));
  const lines = [...groups].map(([within, inner]) => `- ${within ? `\`${within}\`: ` : ''}${inner.map(({ path }) => `\`${path.at(-1)}\``).join(', ')}`);
  return `${title}:\n\n${lines.join('\n')}`;
}
