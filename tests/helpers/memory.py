"""What an object keeps alive."""
import gc
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType

# Code, not content: through it everything is reached.
CODE = (type, ModuleType, FunctionType, BuiltinFunctionType, MethodType)


def kept_alive(root, kind):
    """The objects of a type that are reached from another one.

    Args:
        root (object): Where to begin; itself not among the result.
        kind (type): The type.

    Returns:
        list: Each object once.
    """
    seen, waiting, found = {id(root)}, [root], []
    while waiting:
        for item in gc.get_referents(waiting.pop()):
            if id(item) not in seen and not isinstance(item, CODE):
                seen.add(id(item))
                waiting.append(item)
                if isinstance(item, kind):
                    found.append(item)
    return found
