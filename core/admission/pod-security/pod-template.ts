import type { GroupResource, KubeObject } from '../../kube/object.ts';
import type { CronJob, Deployment, PodTemplate, PodTemplateSpec } from '../../schema/generated/kinds.ts';

/** The template that a workload makes pods of (DefaultPodSpecExtractor); undefined for other resources, and for a ReplicationController without one. */
export const templateIn = (resource: GroupResource, object: KubeObject): PodTemplateSpec | undefined => templates[resource]?.(object);

export const hasTemplates = (resource: GroupResource): boolean => Object.hasOwn(templates, resource);

const ofSpec = (object: KubeObject): PodTemplateSpec | undefined => (object as Deployment).spec?.template;

const templates: Readonly<Record<GroupResource, (object: KubeObject) => PodTemplateSpec | undefined>> = {
  podtemplates: (object) => (object as PodTemplate).template,
  replicationcontrollers: ofSpec,
  'replicasets.apps': ofSpec,
  'deployments.apps': ofSpec,
  'statefulsets.apps': ofSpec,
  'daemonsets.apps': ofSpec,
  'jobs.batch': ofSpec,
  'cronjobs.batch': (object) => (object as CronJob).spec?.jobTemplate?.spec?.template,
};
