/** The plugins that a profile may name, without what they are: a deployment is checked before there is anything that runs. */
export const pluginNames: readonly string[] = [
  ...['SchedulingGates', 'NodeUnschedulable', 'NodeName', 'TaintToleration', 'NodeAffinity', 'NodePorts', 'NodeResourcesFit'],
  ...['VolumeRestrictions', 'NodeVolumeLimits', 'VolumeBinding', 'VolumeZone', 'PodTopologySpread', 'InterPodAffinity'],
  ...['DynamicResources', 'DefaultPreemption', 'NodeResourcesBalancedAllocation', 'ImageLocality', 'NodeDeclaredFeatures'],
  // These do nothing here but what is done in any case.
  ...['PrioritySort', 'DefaultBinder'],
];
