/** What the keys mean in a grid that is not being edited. */

/**
 * @typedef {object} Moves
 * @property {(rows: number, columns: number) => void} by
 * @property {(row: number | null, column: number | null) => void} to Null stays; Infinity is the last one.
 * @property {() => number} page How many rows are in sight.
 * @property {(direction: 1 | -1) => void} toError
 * @property {(how: "all" | "end" | "clear") => boolean} edit Whether the cell can be edited.
 */

/** @param {KeyboardEvent} event @param {Moves} moves @returns {boolean} Whether the key meant something. */
export function onKey(event, moves) {
  const { key, altKey, ctrlKey, metaKey } = event;
  const isMore = ctrlKey || metaKey;
  if (altKey) {
    if (key !== "ArrowDown" && key !== "ArrowUp") return false;
    moves.toError(key === "ArrowDown" ? 1 : -1);
    return true;
  }
  switch (key) {
    case "ArrowDown":
      return isMore ? did(moves.to(Infinity, null)) : did(moves.by(1, 0));
    case "ArrowUp":
      return isMore ? did(moves.to(0, null)) : did(moves.by(-1, 0));
    case "ArrowRight":
      return isMore ? did(moves.to(null, Infinity)) : did(moves.by(0, 1));
    case "ArrowLeft":
      return isMore ? did(moves.to(null, 0)) : did(moves.by(0, -1));
    case "Home":
      return did(moves.to(isMore ? 0 : null, 0));
    case "End":
      return did(moves.to(isMore ? Infinity : null, Infinity));
    case "PageDown":
      return did(moves.by(moves.page(), 0));
    case "PageUp":
      return did(moves.by(-moves.page(), 0));
    case "F2":
    case "Enter":
      return moves.edit("end");
    case "Delete":
    case "Backspace":
      return moves.edit("clear");
    default:
      // The letter itself is typed into the editor that opens; a space alone scrolls nothing.
      if (key.length !== 1 || isMore) return false;
      return moves.edit("all") ? false : key === " ";
  }
}

/** @param {void} _done */
function did(_done) {
  return true;
}
