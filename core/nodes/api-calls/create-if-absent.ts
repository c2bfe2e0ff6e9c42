import type { KubeObject } from '../../kube/object.ts';
import { StatusError } from '../../kube/status.ts';
import { ApiClient, resourceNamed } from './api-client.ts';
import type { Caller } from './caller.ts';
import type { Outcome } from './outcome.ts';

/** Makes a Secret that may be there already, as a program that is run again and again does. */
export function createIfAbsent(secret: KubeObject, caller: Caller): Outcome {
  const client = new ApiClient(caller);
  const { name, namespace } = secret.metadata;
  try {
    client.create({ api: resourceNamed('secrets', caller)!, namespace: namespace!, name }, secret, 'unknown');
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    if (error.code !== 409) return { type: 'ended', exitCode: 1, output: '', error: `${error.message}\n` };
  }
  return { type: 'ended', exitCode: 0, output: undefined, mutations: client.mutations };
}
