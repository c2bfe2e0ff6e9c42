import type { FieldError } from '../kube/status.ts';
import { invalid } from '../kube/status.ts';
import { invalidValue } from '../kube/validation/field.ts';
import { type AdmissionPlugin, writeTo } from './plugin.ts';

/**
 * The labels of a namespace name levels and versions that there are (k8s.io/pod-security-admission, `ValidateNamespace`). 422, unless they were wrong before in the same way.
 * Pods are not held against them yet.
 */
export const podSecurity: AdmissionPlugin = {
  name: 'PodSecurity',
  validate(review) {
    const namespace = writeTo(review, 'namespaces', 'CREATE', 'UPDATE');
    if (!namespace) return;
    const errors = labelErrors(namespace.object.metadata.labels);
    if (errors.length === 0 || texts(errors) === texts(labelErrors(namespace.old?.metadata.labels))) return;
    throw invalid(review.resource, namespace.object.metadata.name, errors);
  },
};

const MODES = ['enforce', 'audit', 'warn'];
const LEVELS = ['privileged', 'baseline', 'restricted'];
const VERSION = /^(latest|v1\.([0-9]|[1-9][0-9]*))$/;

const labelErrors = (labels: Readonly<Record<string, string>> = {}): FieldError[] =>
  MODES.flatMap((mode) => {
    const name = `pod-security.kubernetes.io/${mode}`;
    const [level, version] = [labels[name], labels[`${name}-version`]];
    return [
      ...(level === undefined || LEVELS.includes(level) ? [] : [invalidValue(`metadata.labels[${name}]`, level, `must be one of ${LEVELS.join(', ')}`)]),
      ...(version === undefined || VERSION.test(version) ? [] : [invalidValue(`metadata.labels[${name}-version]`, version, 'must be "latest" or "v1.x"')]),
    ];
  });

const texts = (errors: readonly FieldError[]): string => errors.map(({ field, message }) => `${field}: ${message}`).join();
