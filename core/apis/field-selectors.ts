import type { KubeObject } from '../kube/object.ts';
import { badRequest } from '../kube/status.ts';
import type { ApiResource } from './api-resource.ts';

/** A field selector, every term of which must hold. An empty one selects everything. */
export type FieldRequirements = readonly FieldRequirement[];

export interface FieldRequirement {
  readonly field: string;
  readonly operator: '=' | '!=';
  readonly value: string;
}

/**
 * A `fieldSelector` query parameter: `status.phase=Running,spec.nodeName!=a` (API concepts, "Field Selectors").
 * Throws 400 BadRequest when it cannot be read or names a field by which `resource` does not select.
 */
export function parseFieldSelector(text: string, resource: Selectable): FieldRequirements {
  const requirements: FieldRequirement[] = [];
  for (const requirement of requirementsIn(text)) {
    if (!isSelectable(requirement.field, resource)) throw badRequest(notSelectable(requirement.field, resource));
    requirements.push(requirement);
  }
  return requirements;
}

/** The requirements in a text, whatever they are of (apimachinery, fields.ParseSelector). Throws 400 at the first that cannot be read. */
export function* requirementsIn(text: string): Generator<FieldRequirement> {
  for (const term of splitTerms(text)) {
    if (term === '') continue;
    const requirement = parseTerm(term);
    if (!requirement) throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
    yield requirement;
  }
}

/** What is selected, and by which fields. */
export type Selectable = Pick<ApiResource, 'kind' | 'strategy'> & Partial<Pick<ApiResource, 'custom' | 'namespaced'>>;

function isSelectable(field: string, { strategy, custom, namespaced }: Selectable): boolean {
  if (field === 'metadata.name') return true;
  if (field === 'metadata.namespace') return !custom || namespaced === true;
  return Object.hasOwn(strategy.selectableFields ?? {}, field);
}

// Kinds with fields of their own and kinds without answer in different words (pkg/apis/*/conversion.go, runtime.DefaultMetaV1FieldSelectorConversion).
function notSelectable(field: string, { kind, strategy, custom }: Selectable): string {
  if (!strategy.selectableFields && !custom) return `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`;
  if (kind === 'Job') return `field label ${JSON.stringify(field)} not supported for Job`;
  return `field label not supported${kind === 'ResourceSlice' ? ' for resource.k8s.io/v1, Kind=ResourceSlice' : ''}: ${field}`;
}

export function matchesFields(requirements: FieldRequirements, object: KubeObject, resource: Pick<ApiResource, 'strategy'>): boolean {
  return requirements.every(({ field, operator, value }) => (fieldOf(object, field, resource) === value) === (operator === '='));
}

function fieldOf(object: KubeObject, field: string, { strategy }: Pick<ApiResource, 'strategy'>): string {
  if (field === 'metadata.name') return object.metadata.name;
  if (field === 'metadata.namespace') return object.metadata.namespace ?? '';
  return strategy.selectableFields?.[field]?.(object) ?? '';
}

/** The one value that `field` must have to be selected, if there is one: lets a list use an index. */
export const exactField = (requirements: FieldRequirements, field: string): string | undefined =>
  requirements.find((r) => r.field === field && r.operator === '=')?.value;

/** At the commas that no backslash escapes. */
function splitTerms(text: string): string[] {
  const terms: string[] = [];
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === ',') {
      terms.push(text.slice(start, i));
      start = i + 1;
    }
  }
  terms.push(text.slice(start));
  return terms;
}

function parseTerm(term: string): FieldRequirement | undefined {
  for (let i = 0; i < term.length; i++) {
    if (term[i] === '\\') i++;
    else {
      const operator = ['!=', '==', '='].find((candidate) => term.startsWith(candidate, i));
      if (operator) return { field: term.slice(0, i), operator: operator === '!=' ? '!=' : '=', value: unescaped(term.slice(i + operator.length)) };
    }
  }
  return undefined;
}

/** A value may hold `\\`, `\,` and `\=`; a bare `,` or `=` and any other escape are refused. */
function unescaped(text: string): string {
  let out = '';
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    if (character === '\\') {
      const escaped = text[++i];
      if (escaped === undefined || !'\\,='.includes(escaped)) throw badRequest(`invalid field selector: invalid escape sequence: \\${escaped ?? ''}`);
      out += escaped;
    } else if (character === '=') throw badRequest(`invalid field selector: unescaped character in value: ${character}`);
    else out += character;
  }
  return out;
}
