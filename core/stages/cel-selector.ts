import { compile } from '../cel/compile.ts';
import { type Environment, environment } from '../cel/environment.ts';
import { jsonValue } from '../cel/json-value.ts';
import { kubernetesLibraries } from '../cel/libraries/kubernetes.ts';
import { DYN } from '../cel/type.ts';
import type { KubeObject } from '../kube/object.ts';

/** What KWOK's Stages select by an expression of CEL: the object is `self`. One that cannot be evaluated does not select. Throws an Error for what is no such expression. */
export function celSelector(expression: string): (object: KubeObject) => boolean {
  selecting ??= environment({ variables: { self: DYN }, libraries: kubernetesLibraries });
  const compiled = compile(expression, selecting);
  if ('issues' in compiled) throw new Error(compiled.message);
  return (object) => {
    const evaluation = compiled.program.evaluate({ self: jsonValue(object) });
    return 'value' in evaluation && evaluation.value === true;
  };
}

let selecting: Environment | undefined;
