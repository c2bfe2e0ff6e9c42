import { notFound } from '../../kube/status.ts';
import type { ComponentStatus } from '../../schema/generated/kinds.ts';
import { answerObject } from '../answers/answers.ts';
import { answerList } from '../answers/list-answer.ts';
import type { ReadCall } from '../call.ts';
import { logCheck } from '../paths/health.ts';

/** The parts of the control plane, checked when they are asked for (deprecated in Kubernetes). There is one here that can fail by itself: the log. */
export async function listComponents(call: ReadCall): Promise<Response> {
  return answerList(call, [await logStatus(call)], { resourceVersion: '' });
}

export async function getComponent(call: ReadCall): Promise<Response> {
  if (call.info.name !== 'log') throw notFound(call.target.resource, call.info.name!);
  return answerObject(call, await logStatus(call));
}

async function logStatus({ api, cluster }: ReadCall): Promise<ComponentStatus> {
  const { name, check } = logCheck(api, cluster);
  const healthy = await check().then(
    () => true,
    () => false,
  );
  return {
    apiVersion: 'v1',
    kind: 'ComponentStatus',
    metadata: { name },
    conditions: [{ type: 'Healthy', status: healthy ? 'True' : 'False', message: healthy ? 'ok' : '', ...(!healthy && { error: 'the log cannot be read' }) }],
  };
}
