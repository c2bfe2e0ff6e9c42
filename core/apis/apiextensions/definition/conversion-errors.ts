import { X509Certificate } from 'node:crypto';
import type { FieldError } from '../../../kube/status.ts';
import { forbiddenField, invalidValue, invalidValues, oneOf, required } from '../../../kube/validation/field.ts';
import { label1035 } from '../../../kube/validation/names.ts';
import type { ApiextensionsWebhookClientConfig, CustomResourceConversion } from '../../../schema/generated/kinds.ts';
import { validateWebhookService, validateWebhookUrl } from '../../admissionregistration/webhook-client.ts';
import type { Leniency } from './leniency.ts';

const PATH = 'spec.conversion';
/** The versions of ConversionReview that this server speaks. */
const REVIEWS = ['v1', 'v1beta1'];

/** How the versions of a resource are converted into each other (validateCustomResourceConversion). */
export function conversionErrors({ strategy, webhook }: CustomResourceConversion, stored: Leniency | undefined): FieldError[] {
  const { clientConfig, conversionReviewVersions = [] } = webhook ?? {};
  const errors = oneOf(`${PATH}.strategy`, strategy, ['None', 'Webhook']);
  if (strategy !== 'Webhook') {
    const detail = 'should not be set when strategy is not set to Webhook';
    if (clientConfig) errors.push(forbiddenField(`${PATH}.webhookClientConfig`, detail));
    if (conversionReviewVersions.length > 0) errors.push(forbiddenField(`${PATH}.conversionReviewVersions`, detail));
    return errors;
  }
  return [
    ...errors,
    ...(clientConfig ? clientErrors(clientConfig, stored) : [required(`${PATH}.webhookClientConfig`, 'required when strategy is set to Webhook')]),
    ...reviewVersionErrors(conversionReviewVersions, stored),
  ];
}

function clientErrors({ url, service, caBundle }: ApiextensionsWebhookClientConfig, stored: Leniency | undefined): FieldError[] {
  const path = `${PATH}.webhookClientConfig`;
  const where =
    (url === undefined) === (service === undefined)
      ? [required(path, 'exactly one of url or service is required')]
      : service
        ? validateWebhookService(service, `${path}.service`)
        : validateWebhookUrl(url!, `${path}.url`);
  // Until it is established, a definition may come before its certificate.
  const isChecked = stored && !stored.caBundle;
  return isChecked && caBundle && !isCaBundle(caBundle)
    ? [...where, invalidValue(`${path}.caBundle`, caBundle, 'unable to load root certificates: unable to parse bytes as PEM block')]
    : where;
}

function reviewVersionErrors(versions: readonly string[], stored: Leniency | undefined): FieldError[] {
  const path = `${PATH}.conversionReviewVersions`;
  if (versions.length === 0) return [required(path)];
  const errors = versions.flatMap((version, i) =>
    versions.indexOf(version) < i ? [invalidValue(`${path}[${i}]`, version, 'duplicate version')] : invalidValues(`${path}[${i}]`, version, label1035(version)),
  );
  const isKnown = stored?.reviewVersions || versions.some((version) => REVIEWS.includes(version));
  return isKnown ? errors : [...errors, invalidValue(path, versions, `must include at least one of ${REVIEWS.join(', ')}`)];
}

export const speaksReviews = (versions: readonly string[]): boolean => versions.length === 0 || versions.some((version) => REVIEWS.includes(version));

/** Whether a bundle, in base64, is certificates in PEM. */
export function isCaBundle(bundle: string): boolean {
  const text = Buffer.from(bundle, 'base64').toString();
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  try {
    return blocks.length > 0 && blocks.every((block) => new X509Certificate(block));
  } catch {
    return false;
  }
}
