import { describe, it } from 'vitest';
import { defaultAdmissionPlugins } from '../../../core/admission/default-plugins.ts';
import type { AdmissionPlugin } from '../../../core/admission/plugin.ts';
import type { LogEvent } from '../../../core/log/event.ts';
import type { EventLog } from '../../../core/log/log.ts';
import { appending } from './appending.ts';
import { type Defect, finds } from './finds.ts';

/** Defects of quotas: a decision that forgets what it rests on, and a status that is not true. */
describe('a run without faults', () => {
  const defects: Defect[] = [
    { name: 'a quota that does not note what it has read', parts: { admissionPlugins: defaultAdmissionPlugins.map(forgetful) }, found: /quotas: .* takes/ },
    { name: 'a quota that tells what is not so', parts: { wrapLog: lying }, found: /quotas: bounded\/bounds tells at/ },
  ];
  for (const defect of defects) it(`finds ${defect.name}`, () => finds({ ...defect, bounded: true }));
});

function forgetful(plugin: AdmissionPlugin): AdmissionPlugin {
  if (plugin.name !== 'ResourceQuota') return plugin;
  return { ...plugin, validate: (review) => plugin.validate!(Object.create(review, { state: { value: review.state.observed(undefined) } })) };
}

/** Says of every status that one more ConfigMap is used. */
function lying(log: EventLog): EventLog {
  const untrue = (event: LogEvent): LogEvent => {
    if (!event.key.startsWith('resourcequotas/') || !('patch' in event)) return event;
    const { status } = event.patch as { status?: { used?: Record<string, string> } };
    const told = status?.used?.['configmaps'];
    if (told === undefined) return event;
    return { ...event, patch: { ...(event.patch as object), status: { ...status, used: { ...status!.used, configmaps: String(Number(told) + 1) } } } };
  };
  return appending(1, (inner, cluster, wanted) => inner.append(cluster, { ...wanted, events: wanted.events.map(untrue) }))(log);
}
