// Images as tiles; a click opens one large, with the others beside it.

import { ChevronLeft, ChevronRight, Download } from "lucide-react";
import { useState, type ReactElement } from "react";

import { Dialog, IconButton } from "../design/controls";
import { words } from "../words";
import "./results.css";
import { addressOf, isOwn, type FileEntry } from "./files";

interface Props {
  files: FileEntry[];
  size: "node" | "panel";
}

const IN_NODE = 3;

export function Images({ files, size }: Props): ReactElement {
  const [open, setOpen] = useState<number | null>(null);
  const shown = size === "node" ? files.slice(0, files.length > IN_NODE ? IN_NODE - 1 : IN_NODE) : files;
  const hidden = files.length - shown.length;
  return (
    <>
      <ul className={`result-images result-images-${size} ${files.length === 1 ? "result-images-one" : ""}`}>
        {shown.map((file, index) => (
          <li key={file.url}>
            <button type="button" className="nodrag" aria-label={words.results.openImage(file.name)} onClick={() => setOpen(index)}>
              <Picture file={file} />
            </button>
          </li>
        ))}
        {hidden > 0 && (
          <li>
            <button type="button" className="nodrag result-more" aria-label={words.results.moreImages(hidden)} onClick={() => setOpen(shown.length)}>
              +{hidden}
            </button>
          </li>
        )}
      </ul>
      {open !== null && <Lightbox files={files} index={open} onShow={setOpen} onClose={() => setOpen(null)} />}
    </>
  );
}

/** An image of the store, or its name if it cannot be shown. */
export function Picture({ file }: { file: FileEntry }): ReactElement {
  const [isBroken, setIsBroken] = useState(!isOwn(file.url));
  if (isBroken) return <span className="result-note">{file.name}</span>;
  return <img src={addressOf(file.url)} alt={file.name} loading="lazy" decoding="async" draggable={false} onError={() => setIsBroken(true)} />;
}

function Lightbox(props: { files: FileEntry[]; index: number; onShow: (index: number) => void; onClose: () => void }): ReactElement | null {
  const { files, index, onShow } = props;
  const file = files[index];
  if (!file) return null;
  const move = (by: number): void => onShow((index + by + files.length) % files.length);
  return (
    <Dialog title={file.name} isOpen onClose={props.onClose} width={1100} className="result-lightbox">
      <div
        className="result-large"
        onKeyDown={(event) => {
          if (event.key === "ArrowLeft") move(-1);
          if (event.key === "ArrowRight") move(1);
        }}
      >
        <Picture key={file.url} file={file} />
        <div className="result-large-tools">
          {files.length > 1 && (
            <>
              <IconButton label={words.results.previous} onClick={() => move(-1)}>
                <ChevronLeft />
              </IconButton>
              <span className="mono">{words.results.ofMany(index + 1, files.length)}</span>
              <IconButton label={words.results.next} onClick={() => move(1)}>
                <ChevronRight />
              </IconButton>
            </>
          )}
          <DownloadLink file={file} />
        </div>
      </div>
    </Dialog>
  );
}

export function DownloadLink({ file }: { file: FileEntry }): ReactElement {
  return (
    <a className="button button-plain button-small nodrag" href={addressOf(file.url)} download={file.name}>
      <Download /> {words.results.download}
    </a>
  );
}
