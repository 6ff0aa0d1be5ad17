"""Python that a definition names, for what its words cannot say. Data in, data out.

A module here may define any of these pure functions, and nothing else is asked of it:

    build(call, values, model_info) -> Call  amend the call that the words made, before it is sent
    check(call, values)         -> iterator of warnings and Problems, for a model that is known
    response(response, values)  -> response  bring a response into the shape that `output` reads
    output(output, values)      -> output  the last word on the output; `Noted` adds warnings
    rescue(error, values)       -> output  use what came whole of an answer that broke off
    refuses_times(error)        -> bool    whether a model cannot tell when something was said
    repair(call, error)         -> Call    ask once more, when `output` raised an IncompleteError

`build` may raise InputError: nothing has been sent or paid by then.
"""
