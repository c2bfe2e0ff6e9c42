import { index } from '../state/indexes.ts';
import { newestDefault } from './newest-default.ts';
import { type AdmissionPlugin, writeTo } from './plugin.ts';

/** A new Ingress that names no class gets the default one, of several the newest (plugin/pkg/admission/network/defaultingressclass). */
export const defaultIngressClass: AdmissionPlugin = {
  name: 'DefaultIngressClass',
  mutate(review) {
    const ingress = writeTo(review, 'ingresses.networking.k8s.io', 'CREATE')?.object;
    if (!ingress || ingress.spec?.ingressClassName !== undefined || ingress.metadata.annotations?.['kubernetes.io/ingress.class'] !== undefined) return;
    const name = newestDefault(review.state.by(defaults, 'true'))?.metadata.name;
    if (name) ingress.spec = { ...ingress.spec, ingressClassName: name };
  },
};

/** The classes that are marked as the default stand under `true`. */
const defaults = index(['ingressclasses.networking.k8s.io'], (_key, { metadata }) => {
  const marked = metadata.annotations?.['ingressclass.kubernetes.io/is-default-class'];
  return marked === 'true' ? [marked] : [];
});
