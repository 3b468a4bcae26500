"""An iterator that works ahead in a thread."""
import threading
from queue import SimpleQueue
from typing import Iterable, Iterator, TypeVar

Item = TypeVar('Item')


def ahead(items: Iterable[Item], count: int) -> Iterator[Item]:
    """Draws the next items in a thread while the caller is busy with the present one.

    Order and items stay the same; one thread draws all of them. An exception comes where its item would. The thread
    has ended once this generator has, also by ``close()`` or garbage collection: what it draws from may be closed
    then.

    Args:
        items (Iterable): What is drawn from, by that thread alone.
        count (int): Items at most that are drawn before they are asked for, at least 1.

    Yields:
        Item: The items.
    """
    drawn: SimpleQueue = SimpleQueue()
    free = threading.Semaphore(count)
    stopped = threading.Event()

    def draw() -> None:
        iterator = iter(items)
        try:
            while free.acquire() and not stopped.is_set():
                try:
                    item = next(iterator)
                except StopIteration:
                    drawn.put((True, None, None))
                    return
                drawn.put((False, item, None))
                del item  # the caller's alone
        except BaseException as error:  # noqa: B902  raised where the item is asked for
            drawn.put((True, None, error))
        finally:
            if hasattr(iterator, 'close'):
                iterator.close()

    thread = threading.Thread(target=draw, name='ahead', daemon=True)
    thread.start()
    try:
        while True:
            ended, item, error = drawn.get()
            if error is not None:
                raise error
            if ended:
                return
            free.release()
            yield item
    finally:
        stopped.set()
        free.release()
        thread.join()
