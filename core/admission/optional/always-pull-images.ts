import { containersOf } from '../../apis/core/pod-containers.ts';
import { plainError } from '../../kube/status.ts';
import { notSupported } from '../../kube/validation/field.ts';
import type { Pod } from '../../schema/generated/kinds.ts';
import { type AdmissionPlugin, type AdmissionReview, refusal, writeTo } from '../plugin.ts';

/** Images are pulled anew for each container, so that only those who may pull an image run it (plugin/pkg/admission/alwayspullimages). */
export const alwaysPullImages: AdmissionPlugin = {
  name: 'AlwaysPullImages',
  mutate(review) {
    const spec = podWithNewImages(review)?.spec;
    if (!spec) return;
    for (const { container } of containersOf(spec)) container.imagePullPolicy = ALWAYS;
    for (const { image } of spec.volumes ?? []) if (image) image.pullPolicy = ALWAYS;
  },
  validate(review) {
    const spec = podWithNewImages(review)?.spec;
    if (!spec) return;
    const errors = [
      ...containersOf(spec).map(({ container, at }) => ({ field: `spec.${at}.imagePullPolicy`, policy: container.imagePullPolicy })),
      ...(spec.volumes ?? []).flatMap(({ image }, i) => (image ? [{ field: `spec.volumes[${i}].image.pullPolicy`, policy: image.pullPolicy }] : [])),
    ].filter(({ policy }) => policy !== ALWAYS);
    const refusals = errors.map(({ field, policy = '' }) => refusal(review, `${field}: ${notSupported(field, policy, [ALWAYS]).message}`));
    if (refusals.length === 1) throw refusals[0]!;
    // Several are an aggregate, which has no Status of its own.
    if (refusals.length > 1) throw plainError(`[${refusals.map(({ message }) => message).join(', ')}]`);
  },
};

const ALWAYS = 'Always';

/** The pod of a write that may bring images that were not there before. */
function podWithNewImages(review: AdmissionReview): Pod | undefined {
  const { object: pod, old } = writeTo(review, 'pods', 'CREATE', 'UPDATE') ?? {};
  if (!pod || !old) return pod;
  const before = imagesOf(old);
  return [...imagesOf(pod)].some((image) => !before.has(image)) ? pod : undefined;
}

const imagesOf = ({ spec }: Pod): ReadonlySet<string> => new Set(spec && containersOf(spec).map(({ container }) => container.image ?? ''));
