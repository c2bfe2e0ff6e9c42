import { type AdmissionPlugin, refusal, writeTo } from '../plugin.ts';

/** No Service gets an external address that it does not have already (CVE-2020-8554; plugin/pkg/admission/network/denyserviceexternalips). */
export const denyServiceExternalIPs: AdmissionPlugin = {
  name: 'DenyServiceExternalIPs',
  validate(review) {
    const { object: service, old } = writeTo(review, 'services', 'CREATE', 'UPDATE') ?? {};
    const before = old?.spec?.externalIPs ?? [];
    if (service?.spec?.externalIPs?.some((ip) => !before.includes(ip))) throw refusal(review, 'Use of external IPs is denied by admission control');
  },
};
