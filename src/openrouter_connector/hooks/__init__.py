"""Pure functions that a definition names for what its words cannot express.

A module here is found by name, and may define any of these functions:

    build(call, values, model_info) -> Call      change the call before it is sent
    response(response, values)      -> response  reshape a response so that `output` can read it
    check(call, values)             -> problems  yield warnings and Problems before the call is paid
    output(output, values)          -> output    change the output; return `Noted` to add warnings
    drawing(output, values)         -> Drawing   boxes to draw on a copy of an image, or None
    rescue(error, values)           -> output    use the complete part of a truncated answer
    repair(call, error)             -> Call      ask again after `output` raised IncompleteError
    lacks_times(error)              -> bool      whether the API refused a part because of its times

`build` may raise InputError: nothing has been sent or paid for yet.
"""
