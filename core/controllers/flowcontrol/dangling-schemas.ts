import { type Key, keyOf, timestamp } from '../../kube/object.ts';
import { userNamed } from '../../kube/user.ts';
import type { FlowSchema } from '../../schema/generated/kinds.ts';
import { type Controller, nothing } from '../controller.ts';
import { statusUpdate } from '../shared/mutations.ts';

/**
 * Says in the status of a FlowSchema whether its priority level is there (apiserver/pkg/util/flowcontrol, syncFlowSchemaStatus). kube-apiserver does so itself.
 */
export const danglingSchemas: Controller<FlowSchema> = {
  name: 'api-priority-and-fairness-config-consumer',
  actor: userNamed('system:apiserver'),
  resource: 'flowschemas.flowcontrol.apiserver.k8s.io',
  watches: {
    'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io': ({ type, object, previous }, state): readonly Key[] => {
      if (type === 'MODIFIED' && previous) return [];
      const schemas = state.list('flowschemas.flowcontrol.apiserver.k8s.io');
      return schemas
        .filter((schema) => levelOf(schema) === object.metadata.name)
        .map(({ metadata: { name } }) => keyOf('flowschemas.flowcontrol.apiserver.k8s.io', undefined, name));
    },
  },
  reconcile({ object: schema, state, now }) {
    if (!schema) return nothing;
    const level = levelOf(schema);
    const isThere = state.get('prioritylevelconfigurations.flowcontrol.apiserver.k8s.io', undefined, level) !== undefined;
    const wanted = {
      type: 'Dangling',
      status: isThere ? 'False' : 'True',
      reason: isThere ? 'Found' : 'NotFound',
      message: `This FlowSchema references the PriorityLevelConfiguration object named ${JSON.stringify(level)} ${isThere ? 'and it exists' : 'but there is no such object'}`,
    };
    const conditions = schema.status?.conditions ?? [];
    const before = conditions.find(({ type }) => type === 'Dangling');
    if (before?.status === wanted.status && before.reason === wanted.reason && before.message === wanted.message) return nothing;
    const lastTransitionTime = before?.lastTransitionTime && before.status === wanted.status ? before.lastTransitionTime : timestamp(now);
    const { type, status, reason, message } = wanted;
    const condition = { type, status, lastTransitionTime, reason, message };
    const others = conditions.filter(({ type: other }) => other !== type);
    return { mutations: statusUpdate('flowschemas.flowcontrol.apiserver.k8s.io', schema, { ...schema.status, conditions: [...others, condition] }) };
  },
};

const levelOf = ({ spec }: FlowSchema): string => spec?.priorityLevelConfiguration?.name ?? '';
