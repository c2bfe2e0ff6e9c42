import { type AdmissionPlugin, refusal, writeTo } from '../plugin.ts';

/** No pod keeps others off more than a node (plugin/pkg/admission/antiaffinity). */
export const limitPodHardAntiAffinityTopology: AdmissionPlugin = {
  name: 'LimitPodHardAntiAffinityTopology',
  validate(review) {
    const terms = writeTo(review, 'pods', 'CREATE', 'UPDATE')?.object.spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
    const wider = terms.find(({ topologyKey }) => topologyKey !== HOSTNAME);
    if (!wider) return;
    throw refusal(review, `affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey ${wider.topologyKey} but only key ${HOSTNAME} is allowed`);
  },
};

const HOSTNAME = 'kubernetes.io/hostname';
