import { type Environment, environment } from './environment.ts';
import { kubernetesLibraries } from './libraries/kubernetes.ts';
import { ANY, listOf, mapOf, STRING, structType } from './type.ts';

/** What the rules and mappings of an AuthenticationConfiguration are compiled in: the claims of a token (k8s.io/apiserver/pkg/authentication/cel, compile.go). */
export const claimsEnvironment = (): Environment => {
  ofClaims ??= environment({ variables: { claims: mapOf(STRING, ANY) }, libraries: kubernetesLibraries });
  return ofClaims;
};

/** The same of what is made of them: the user. */
export const userEnvironment = (): Environment => {
  ofUser ??= environment({ variables: { user: structType('kubernetes.UserInfo', new Map(Object.entries(userInfo))) }, libraries: kubernetesLibraries });
  return ofUser;
};

let ofClaims: Environment | undefined;
let ofUser: Environment | undefined;

const userInfo = { username: STRING, uid: STRING, groups: listOf(STRING), extra: mapOf(STRING, listOf(STRING)) };
