import { admissionVariables } from './admission-variables.ts';
import { mutationStruct } from './constructed-objects.ts';
import { type Environment, environment } from './environment.ts';
import { jsonPatchLibrary } from './libraries/jsonpatch.ts';
import { kubernetesLibraries } from './libraries/kubernetes.ts';
import type { Type } from './type.ts';

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
