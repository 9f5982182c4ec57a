// Every code the core can throw, united from the rooms. Each room owns its table; this file owns nothing.
import { encodingErrors } from './encoding/errors.ts';
import { cryptoErrors } from './crypto/errors.ts';
import { tpmErrors } from './tpm/errors.ts';
import { eventLogErrors } from './event-log/errors.ts';
import { imaErrors } from './ima/errors.ts';
import { x509Errors } from './x509/errors.ts';
import { goldenErrors } from './golden/errors.ts';
import { anchorBundleErrors } from './anchor-bundle/errors.ts';
import { denyErrors } from './deny/errors.ts';
import { breakGlassErrors } from './break-glass/errors.ts';
import { advisoryErrors } from './advisory/errors.ts';
import { corimErrors } from './corim/errors.ts';
import { rimErrors } from './rim/errors.ts';
import { importErrors } from './import/errors.ts';
import { predictionErrors } from './prediction/errors.ts';
import { verdictErrors } from './verdict/errors.ts';
import { appraisalErrors } from './appraisal/errors.ts';
import { transparencyErrors } from './transparency/errors.ts';
import { evidenceBundleErrors } from './evidence-bundle/errors.ts';

export const errorCodes = {
  ...encodingErrors,
  ...cryptoErrors,
  ...tpmErrors,
  ...eventLogErrors,
  ...imaErrors,
  ...x509Errors,
  ...goldenErrors,
  ...anchorBundleErrors,
  ...denyErrors,
  ...breakGlassErrors,
  ...advisoryErrors,
  ...corimErrors,
  ...rimErrors,
  ...importErrors,
  ...predictionErrors,
  ...verdictErrors,
  ...appraisalErrors,
  ...transparencyErrors,
  ...evidenceBundleErrors,
} as const;

export type ErrorCode = keyof typeof errorCodes;
