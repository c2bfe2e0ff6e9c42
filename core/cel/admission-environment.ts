import { admissionVariables } from './admission-variables.ts';
import { mutationStruct } from './constructed-objects.ts';
import { type Environment, environment } from './environment.ts';
import { jsonPatchLibrary } from './libraries/jsonpatch.ts';
import { kubernetesLibraries } from './libraries/kubernetes.ts';
import { DYN, type Fields, listOf, mapOf, structType, type Type } from './type.ts';

/** What not all expressions of admission have (k8s.io/apiserver/pkg/admission/plugin/cel, `OptionalVariableDeclarations`). */
export interface AdmissionOptions {
  /** `params`: the policy has a kind of parameters. */
  readonly params?: boolean;
  /** `authorizer` and `authorizer.requestResource`. */
  readonly authorizer?: boolean;
  /** The types that mutations make, and `jsonpatch.escapeKey()`. */
  readonly patches?: boolean;
}

/** What the expressions of policies and match conditions are compiled in. The same environment for the same options. */
export function admissionEnvironment({ params = false, authorizer = false, patches = false }: AdmissionOptions = {}): Environment {
  const key = `${params} ${authorizer} ${patches}`;
  let known = environments.get(key);
  if (!known) {
    const declared = Object.entries(admissionVariables).filter(([name]) => (name === 'params' ? params : name.startsWith('authorizer') ? authorizer : true));
    known = environment({
      variables: Object.fromEntries(declared),
      libraries: patches ? [...kubernetesLibraries, jsonPatchLibrary] : kubernetesLibraries,
      ...(patches && { struct: mutationStruct }),
    });
    environments.set(key, known);
  }
  return known;
}

const environments = new Map<string, Environment>();

/** The environment with further variables. */
export const withVariables = (within: Environment, variables: Readonly<Record<string, Type>>): Environment => ({
  ...within,
  identifiers: new Map([...within.identifiers, ...Object.entries(variables).map(([name, type]) => [name, { type }] as const)]),
});

/** `variables`: those of a policy, as far as they are known when an expression is compiled (k8s.io/apiserver/pkg/admission/plugin/cel, composition.go). */
export const variablesOf = (types: Fields): Type => structType('kubernetes.variables', types);

const PLAIN = new Set<Type['kind']>(['bool', 'bytes', 'double', 'duration', 'int', 'null', 'string', 'timestamp', 'uint']);

/** What is known of a variable's type: that of plain values, lists and maps (`convertCelTypeToDeclType`). */
export function typeOfVariable(type: Type): Type {
  if (type.nullable) return DYN;
  if (PLAIN.has(type.kind)) return type;
  if (type.kind === 'list') return listOf(typeOfVariable(type.parameters[0]!));
  if (type.kind === 'map') return mapOf(typeOfVariable(type.parameters[0]!), typeOfVariable(type.parameters[1]!));
  return DYN;
}
