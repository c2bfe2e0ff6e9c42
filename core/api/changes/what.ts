import { isFields } from '../../kube/fields.ts';
import type { LogEvent } from '../../log/event.ts';
import { fieldElement, nameOf, type PathElement } from '../../managed-fields/path-element.ts';
import type { FoundDifference } from '../../state/differences.ts';

/**
 * The fields that a change changed, in as few words as a column has room for: `spec.replicas`, `spec.template.spec.containers[web].image`; of many, what they have in
 * common: `status.conditions, status.replicas +2`. Of an object that was created or deleted there is nothing to say.
 */
export function whatOf(type: LogEvent['type'], differences: readonly FoundDifference[]): string {
  return type === 'MODIFIED' ? inShort(differences.map(({ steps }) => steps)) : '';
}

/** The same of an event as it is stored: of what is in a list it does not tell. */
export function whatOfEvent(event: LogEvent): string {
  return event.type === 'MODIFIED' && 'patch' in event ? inShort([...pathsIn(event.patch, [])]) : '';
}

function* pathsIn(patch: unknown, steps: readonly PathElement[]): Generator<readonly PathElement[]> {
  if (!isFields(patch) || Object.keys(patch).length === 0) {
    if (steps.length > 0) yield steps;
    return;
  }
  for (const [name, value] of Object.entries(patch)) yield* pathsIn(value, [...steps, fieldElement(name)]);
}

function inShort(all: readonly (readonly PathElement[])[]): string {
  // What bumps the generation is told of by itself.
  const telling = all.filter(([first, second]) => first !== 'f:metadata' || second !== 'f:generation');
  const paths = telling.length > 0 ? telling : all;
  const names = paths.length <= MOST ? namesOf(paths) : [];
  const isShort = names.length > 0 && names.join().length <= MOST_CHARACTERS;
  return isShort ? names.join(', ') : counted(namesOf(paths.map((steps) => steps.slice(0, 2))));
}

const counted = (names: readonly string[]): string => `${names.slice(0, MOST).join(', ')}${names.length > MOST ? ` +${names.length - MOST}` : ''}`;

const MOST = 3;
const MOST_CHARACTERS = 100;

const namesOf = (paths: readonly (readonly PathElement[])[]): readonly string[] => [...new Set(paths.map(nameIn))];

const nameIn = (steps: readonly PathElement[]): string => steps.map((step, i) => shortly(step, i === 0)).join('');

function shortly(step: PathElement, isFirst: boolean): string {
  const name = nameOf(step);
  if (name !== undefined) return isFirst ? name : /^[\w-]+$/.test(name) ? `.${name}` : `[${name}]`;
  const content = step.slice(2);
  return `[${step.startsWith('k:') ? Object.values(JSON.parse(content) as object).join('/') : content.replace(/^"|"$/g, '')}]`;
}
