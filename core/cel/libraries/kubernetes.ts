import type { Library } from '../library.ts';
import { authorizerLibrary } from './authorizer.ts';
import { cidrLibrary } from './cidr.ts';
import { formatLibrary } from './format.ts';
import { ipLibrary } from './ip.ts';
import { listExtensionsLibrary } from './list-extensions.ts';
import { listsLibrary } from './lists.ts';
import { optionals } from './optionals.ts';
import { quantityLibrary } from './quantity.ts';
import { regexLibrary } from './regex.ts';
import { semverLibrary } from './semver.ts';
import { setsLibrary } from './sets.ts';
import { stringsLibrary } from './strings.ts';
import { twoVariableComprehensions } from './two-variable-comprehensions.ts';
import { urlLibrary } from './url.ts';

/** What every environment of Kubernetes 1.36 has beyond the language, in the order in which overloads are tried (k8s.io/apiserver/pkg/cel/environment/base.go). */
export const kubernetesLibraries: readonly Library[] = [
  urlLibrary,
  regexLibrary,
  listsLibrary,
  authorizerLibrary,
  optionals,
  quantityLibrary,
  stringsLibrary,
  setsLibrary,
  ipLibrary,
  cidrLibrary,
  formatLibrary,
  twoVariableComprehensions,
  semverLibrary,
  listExtensionsLibrary,
];
