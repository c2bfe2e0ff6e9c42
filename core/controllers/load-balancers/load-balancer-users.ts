import { userNamed } from '../../kube/user.ts';

/** As whom a cloud's controller manager writes. Its roles are the cloud's. */
export const CLOUD_USER = userNamed('system:cloud-controller-manager');

/** As whom the AWS Load Balancer Controller writes. Its roles come with its chart. */
export const LBC_USER = userNamed('system:serviceaccount:kube-system:aws-load-balancer-controller');
