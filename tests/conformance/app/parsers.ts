import {
  APIView,
  FileUploadParser,
  FormParser,
  JSONParser,
  MultiPartParser,
  MultiValueDict,
  type ParserClass,
  parserClasses,
  path,
  type Request,
  type UrlEntry,
} from '@rf/views';
import { withPolicies } from './authentication.ts';
import { plain } from './echo.ts';

function echoBody(request: Request): unknown {
  const { data, files } = request;
  const shownFiles = Object.fromEntries([...files.entries()].map(([name, file]) => [name, plain(file)]));
  if (!(data instanceof MultiValueDict)) return { data: plain(data), files: shownFiles };
  const rest = [...data].filter(([name]) => !files.has(name)).map(([name, values]) => [name, values.map(plain)]);
  return { data: Object.fromEntries(rest), files: shownFiles };
}

class ParseEcho extends APIView {
  override post(request: Request): unknown {
    return echoBody(request);
  }
  override put(request: Request): unknown {
    return echoBody(request);
  }
  override patch(request: Request): unknown {
    return echoBody(request);
  }
  override delete(request: Request): unknown {
    return echoBody(request);
  }
}

class Lazy extends APIView {
  override description = 'Never looks at the body.';

  override post(): unknown {
    return { looked: false };
  }
}

const only = (...classes: ParserClass[]) => withPolicies(ParseEcho, parserClasses(...classes));

export const parserUrls: UrlEntry[] = [
  path('/parse/any/', ParseEcho),
  path('/parse/json/', only(JSONParser)),
  path('/parse/form/', only(FormParser)),
  path('/parse/multipart/', only(MultiPartParser)),
  path('/parse/upload/', only(FileUploadParser)),
  path('/parse/upload/:filename/', only(FileUploadParser)),
  path('/parse/none/', only()),
  path('/parse/lazy/', Lazy),
];
