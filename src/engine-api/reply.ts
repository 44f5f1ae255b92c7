import type { SwarmError } from '../model/errors.ts';
import type { ApiOptions, ApiResponse, BodySink } from './api-message.ts';
import { ERROR } from './common-schema.ts';
import { encodeGo } from './go-encode.ts';
import type { GoType } from './go-type.ts';
import { inWordsOf } from './grpc-words.ts';
import { httpStatus } from './status-codes.ts';
import { compareVersions } from './version-order.ts';

const JSON_ERRORS_SINCE = '1.24';

/** Makes answers as dockerd's middleware dresses them: its headers, JSON followed by a newline. */
export class Reply {
  readonly #options: ApiOptions;
  readonly #done: (response: ApiResponse) => void;
  readonly #isPlain: boolean;

  /** `version` is the one that the client named; 20.10 and 28.5 tell clients of before 1.24 of errors in plain text (moby: apiVersionSupportsJSONErrors). */
  constructor(options: ApiOptions, done: (response: ApiResponse) => void, version?: string) {
    this.#options = options;
    this.#done = done;
    this.#isPlain =
      version !== undefined &&
      options.behaveLike !== '26.1' &&
      compareVersions(version, JSON_ERRORS_SINCE) < 0;
  }

  json(value: unknown, type: GoType, status = 200): void {
    const body = `${encodeGo(value, type, this.#options.behaveLike)}\n`;
    this.#done({ status, headers: { ...this.#headers(), ...JSON_TYPE }, body });
  }

  /** An answer that goes on; whatever fails from here on has to be said in it. */
  stream(contentType: string, write: (out: BodySink) => void): void {
    const headers = { ...this.#headers(), 'Content-Type': contentType };
    this.#done({ status: 200, headers, body: '', stream: write });
  }

  empty(): void {
    this.#done({ status: 200, headers: this.#headers(), body: '' });
  }

  /** Another's answer, as it is. */
  relay(response: ApiResponse): void {
    this.#done(response);
  }

  noContent(): void {
    this.#done({ status: 204, headers: this.#headers(), body: '' });
  }

  error(failed: SwarmError): void {
    const error = inWordsOf(this.#options.behaveLike, failed);
    const status = httpStatus(error.code);
    if (this.#isPlain) this.#plain(status, error.text, this.#headers());
    else this.json({ message: error.text }, ERROR, status);
  }

  /** An answer without the headers of requests that passed the version check; moby sends none of them, or all but one, before it. */
  early(status: number, message: string, beforeRouting: boolean): void {
    const headers: Record<string, string> = beforeRouting
      ? { ...JSON_TYPE }
      : { ...this.#headers(), ...JSON_TYPE };
    delete headers['Docker-Experimental'];
    if (this.#isPlain) {
      this.#plain(status, message, headers);
      return;
    }
    const body = `${encodeGo({ message }, ERROR, this.#options.behaveLike)}\n`;
    this.#done({ status, headers, body });
  }

  #plain(status: number, message: string, headers: Readonly<Record<string, string>>): void {
    const type = {
      'Content-Type': 'text/plain; charset=utf-8',
      'X-Content-Type-Options': 'nosniff',
    };
    this.#done({ status, headers: { ...headers, ...type }, body: `${message}\n` });
  }

  #headers(): Record<string, string> {
    const { apiVersion, engineVersion } = this.#options;
    return {
      'Api-Version': apiVersion,
      'Docker-Experimental': 'false',
      Ostype: 'linux',
      Server: `Docker/${engineVersion} (linux)`,
    };
  }
}

const JSON_TYPE = { 'Content-Type': 'application/json' };
