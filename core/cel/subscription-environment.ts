import { type Compiled, compile } from './compile.ts';
import { type Environment, environment } from './environment.ts';
import { kubernetesLibraries } from './libraries/kubernetes.ts';
import { BOOL, DYN, listOf, mapOf, STRING, structType } from './type.ts';

/** What the filter of a Subscription is compiled in: a change, as its variables. */
const ofChanges = (): Environment => {
  known ??= environment({
    variables: { object: DYN, previous: DYN, type: STRING, changed: listOf(STRING), actor: ACTOR },
    libraries: kubernetesLibraries,
  });
  return known;
};

let known: Environment | undefined;

const ACTOR = structType(
  'kubernetes.UserInfo',
  new Map(Object.entries({ username: STRING, uid: STRING, groups: listOf(STRING), extra: mapOf(STRING, listOf(STRING)) })),
);

/** The filter, or why it is none. */
export function compileFilter(expression: string): Compiled | { readonly message: string } {
  const compiled = compile(expression, ofChanges());
  if ('issues' in compiled) return { message: compiled.message };
  if (compiled.type !== BOOL && compiled.type !== DYN) return { message: `must evaluate to a bool, and not to ${compiled.type.name}` };
  return compiled;
}
