import type { Container, Job, Pod, PodTemplateSpec } from '../../schema/generated/kinds.ts';
import { hasFinalizer, withFinalizer, withoutFinalizer } from '../shared/finalizers.ts';
import { podFromTemplate } from '../shared/pod-from-template.ts';
import { isBeingDeleted } from '../shared/pod-readiness.ts';
import { COMPLETION_INDEX } from './indexes.ts';
import { rulingOn } from './pod-failure-policy.ts';

const TRACKING = 'batch.kubernetes.io/job-tracking';
const FAILURES = 'batch.kubernetes.io/job-index-failure-count';
const IGNORED_FAILURES = 'batch.kubernetes.io/job-index-ignored-failure-count';

/** Whether a pod has not been counted yet: the finalizer keeps it until then. */
export const isTracked = (pod: Pod): boolean => hasFinalizer(pod, TRACKING);

export const withoutTracking = (pod: Pod): Pod => withoutFinalizer(pod, TRACKING);

/** Pods that finish are replaced only when they have failed, not while they are on their way out. */
export const replacesOnlyFailed = ({ spec }: Job): boolean => spec?.podReplacementPolicy === 'Failed' || spec?.podFailurePolicy !== undefined;

/** Unless only failed pods are replaced, a deleted pod counts as failed at once: it may never come to an end. */
export const hasFailed = (pod: Pod, job: Job): boolean =>
  pod.status?.phase === 'Failed' || (!replacesOnlyFailed(job) && isBeingDeleted(pod) && pod.status?.phase !== 'Succeeded');

/** Failures of the pod's index before it: those that counted, and all. */
export function indexFailures({ metadata }: Pod): { counted: number; all: number } {
  const counted = annotatedCount(metadata.annotations?.[FAILURES]);
  return { counted, all: counted + annotatedCount(metadata.annotations?.[IGNORED_FAILURES]) };
}

const annotatedCount = (text = ''): number => (/^[0-9]{1,9}$/.test(text) ? Number(text) : 0);

/** A pod of the Job; for an Indexed one with its index, and with the failures of the one that it replaces. */
export function jobPod(job: Job, { name, generateName, index, replaces }: { name: string; generateName: string; index?: number; replaces?: Pod }): Pod {
  const { template } = job.spec!;
  const pod = podFromTemplate({ template: index === undefined ? template : indexedTemplate(job, index, replaces), owner: job, name, generateName });
  return withFinalizer(pod, TRACKING);
}

/** `job-`, or `job-3-` for index 3, cut so that the generated part fits. */
export function jobPodPrefix({ metadata: { name } }: Job, index?: number): string {
  const end = index === undefined ? '-' : `-${index}-`;
  return `${name.slice(0, 58 - end.length)}${end}`;
}

function indexedTemplate(job: Job, index: number, replaces: Pod | undefined): PodTemplateSpec {
  const { metadata = {}, spec } = job.spec!.template;
  const annotations = {
    ...metadata.annotations,
    [COMPLETION_INDEX]: String(index),
    ...(job.spec!.backoffLimitPerIndex !== undefined && failureCounts(job, replaces)),
  };
  return {
    metadata: { ...metadata, labels: { ...metadata.labels, [COMPLETION_INDEX]: String(index) }, annotations },
    spec: {
      ...spec!,
      hostname: `${job.metadata.name}-${index}`,
      containers: spec!.containers.map(withIndexVariable),
      ...(spec!.initContainers && { initContainers: spec!.initContainers.map(withIndexVariable) }),
    },
  };
}

function failureCounts(job: Job, replaces: Pod | undefined): Record<string, string> {
  if (!replaces) return { [FAILURES]: '0' };
  const { counted, all } = indexFailures(replaces);
  const ignored = rulingOn(replaces, job.spec!.podFailurePolicy).action === 'Ignore';
  const ignoredBefore = all - counted + (ignored ? 1 : 0);
  return { [FAILURES]: String(counted + (ignored ? 0 : 1)), ...(ignoredBefore > 0 && { [IGNORED_FAILURES]: String(ignoredBefore) }) };
}

function withIndexVariable<T extends Container>(container: T): T {
  const { env = [] } = container;
  if (env.some(({ name }) => name === 'JOB_COMPLETION_INDEX')) return container;
  const variable = { name: 'JOB_COMPLETION_INDEX', valueFrom: { fieldRef: { fieldPath: `metadata.labels['${COMPLETION_INDEX}']` } } };
  return { ...container, env: [...env, variable] };
}
