"""The words, by what they speak of: `..model` names them all.

basics ─ properties ─ outputs ─ actions
                   └─ sources ─ components
"""
