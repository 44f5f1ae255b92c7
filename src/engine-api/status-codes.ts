import type { StatusCode } from '../model/errors.ts';

/** gRPC codes as HTTP status codes (moby: httpstatus.FromError). What is not named is 500. */
const STATUS: Partial<Readonly<Record<StatusCode, number>>> = {
  InvalidArgument: 400,
  FailedPrecondition: 400,
  OutOfRange: 400,
  Unauthenticated: 401,
  PermissionDenied: 403,
  NotFound: 404,
  AlreadyExists: 409,
  Unimplemented: 501,
  Unavailable: 503,
};

export const httpStatus = (code: StatusCode): number => STATUS[code] ?? 500;
