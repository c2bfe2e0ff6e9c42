import { type Key, keyOf, timestamp } from '../../kube/object.ts';
import { userNamed } from '../../kube/user.ts';
import type { FlowSchema } from '../../schema/generated/kinds.ts';
import { index } from '../../state/indexes.ts';
import { type Controller, nothing } from '../controller.ts';
import { statusUpdate } from '../shared/mutations.ts';

const RESOURCE = 'flowschemas.flowcontrol.apiserver.k8s.io';
const LEVELS = 'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io';

/** Says of each FlowSchema whether its priority level is there (apiserver/pkg/util/flowcontrol/apf_controller.go). */
export const flowSchemaController: Controller<FlowSchema> = {
  name: 'api-priority-and-fairness-config-consumer-v1',
  actor: userNamed('system:apiserver'),
  resource: RESOURCE,
  watches: { [LEVELS]: ({ object }, state) => state.by(byLevel, object.metadata.name).map(({ metadata }): Key => keyOf(RESOURCE, undefined, metadata.name)) },
  reconcile({ object: schema, state, now }) {
    if (!schema || schema.metadata.deletionTimestamp) return nothing;
    const level = levelOf(schema);
    const isThere = state.get(LEVELS, undefined, level) !== undefined;
    const status = isThere ? 'False' : 'True';
    const message = `This FlowSchema references the PriorityLevelConfiguration object named ${JSON.stringify(level)} ${isThere ? 'and it exists' : 'but there is no such object'}`;
    const others = (schema.status?.conditions ?? []).filter(({ type }) => type !== 'Dangling');
    const before = schema.status?.conditions?.find(({ type }) => type === 'Dangling');
    const lastTransitionTime = before?.status === status ? before.lastTransitionTime! : timestamp(now);
    const dangling = { type: 'Dangling', status, lastTransitionTime, reason: isThere ? 'Found' : 'NotFound', message };
    return { mutations: statusUpdate(RESOURCE, schema, { conditions: [...others, dangling] }) };
  },
};

const levelOf = ({ spec }: FlowSchema): string => spec?.priorityLevelConfiguration.name ?? '';

const byLevel = index([RESOURCE], (_key, schema) => [levelOf(schema)]);
