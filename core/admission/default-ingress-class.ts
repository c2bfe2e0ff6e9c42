import { internalError } from '../kube/status.ts';
import { type AdmissionPlugin, refusal, writeTo } from './plugin.ts';

/** A new Ingress that names no class gets the default one (plugin/pkg/admission/network/defaultingressclass). 403 when there are several. */
export const defaultIngressClass: AdmissionPlugin = {
  name: 'DefaultIngressClass',
  mutate(review) {
    const ingress = writeTo(review, 'ingresses.networking.k8s.io', 'CREATE')?.object;
    if (!ingress || ingress.spec?.ingressClassName !== undefined || ingress.metadata.annotations?.['kubernetes.io/ingress.class'] !== undefined) return;
    const marked = review.state
      .list('ingressclasses.networking.k8s.io')
      .filter(({ metadata }) => metadata.annotations?.['ingressclass.kubernetes.io/is-default-class'] === 'true');
    if (marked.length > 1) throw refusal(review, internalError(`${marked.length} default IngressClasses were found, only 1 allowed`).message);
    if (marked[0]) ingress.spec = { ...ingress.spec, ingressClassName: marked[0].metadata.name };
  },
};
